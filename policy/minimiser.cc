#include "policy/minimiser.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "policy/shared_value.h"
#include "schemas/base/strings.h"
#include "schemas/base/wire_fields.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::RepeatedPtrField;

constexpr std::string_view kWhereMark = " where ";
constexpr std::string_view kAsMark = " as ";
constexpr std::string_view kEnvelopePrefix = "envelope.";

std::string Key(const MinimiserPlan::SharedLeaf& leaf) {
  std::string key = leaf.path;
  if (!leaf.where.empty()) absl::StrAppend(&key, ToAbsl(kWhereMark), leaf.where);
  if (leaf.grain.as != v1::ITSELF) {
    absl::StrAppend(&key, ToAbsl(kAsMark), v1::As_Name(leaf.grain.as));
  }
  if (leaf.grain.as == v1::GROUP) absl::StrAppend(&key, " ", leaf.grain.group_width);
  return key;
}

// AS_UNSPECIFIED, which covers nothing, for what is no form.
Grain ParseGrain(std::string_view text) {
  constexpr Grain kNone = {v1::AS_UNSPECIFIED, 0};
  Grain grain;
  const size_t space = text.find(' ');
  if (!v1::As_Parse(std::string(text.substr(0, space)), &grain.as)) return kNone;
  if (space == text.npos) return grain;
  return absl::SimpleAtoi(ToAbsl(text.substr(space + 1)), &grain.group_width) ? grain : kNone;
}

// Whether what `key` allowed covers `leaf`.
bool Covers(std::string_view key, const MinimiserPlan::SharedLeaf& leaf) {
  if (key == leaf.key) return true;
  if (!key.starts_with(leaf.path)) return false;
  key.remove_prefix(leaf.path.size());
  Grain allowed;
  if (size_t as = key.rfind(kAsMark); as != key.npos) {
    allowed = ParseGrain(key.substr(as + kAsMark.size()));
    key = key.substr(0, as);
  }
  if (key.starts_with(kWhereMark)) {
    if (key.substr(kWhereMark.size()) != leaf.where) return false;
  } else if (!key.empty()) {
    return false;  // a longer path
  }
  return SameOrCoarser(leaf.grain, allowed);
}

}  // namespace

struct MinimiserPlan::CopyRun {
  const std::vector<bool>& allowed;
  const Pseudonyms& pseudonyms;
  const Message* envelope = nullptr;  // in the place of the message's own; null: its own
  bool only_first_content = false;
  std::vector<bool> copied;
  bool done = false;
};

bool MinimiserPlan::Condition::Holds(const Message& parent) const {
  if (sibling == nullptr) return true;
  const Reflection& reflection = *parent.GetReflection();
  if (sibling->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return reflection.GetEnumValue(parent, sibling) == number;
  }
  std::string scratch;
  return reflection.GetStringReference(parent, sibling, &scratch) == text;
}

bool MinimiserPlan::Condition::HoldsIn(std::string_view parent) const {
  if (sibling == nullptr) return true;
  WireField said;
  bool is_said = false;
  for (WireFields rest(parent); !is_said && rest.Next(&said);) {
    is_said = said.tag == tag;
  }
  if (!is_said) said = {};
  return sibling->cpp_type() == FieldDescriptor::CPPTYPE_ENUM
             ? static_cast<int>(said.value) == number
             : said.bytes == text;
}

MinimiserPlan MinimiserPlan::Compile(const Descriptor& root,
                                     const RepeatedPtrField<v1::Leaf>& leaves) {
  MinimiserPlan plan;
  for (const v1::Leaf& leaf : leaves) {
    std::optional<LeafPath> path = ResolveLeaf(root, leaf.path());
    SharedLeaf shared{leaf.path(), "", {AsOf(leaf), leaf.group_width()}, ""};
    Condition condition;
    if (leaf.has_where()) {
      shared.where = absl::StrCat(leaf.where().sibling(), " = ", leaf.where().equals());
      condition.sibling = path->leaf().containing_type()->FindFieldByName(leaf.where().sibling());
      condition.tag = TagOf(*condition.sibling);
      condition.text = leaf.where().equals();
      if (condition.sibling->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        condition.number =
            condition.sibling->enum_type()->FindValueByName(condition.text)->number();
      }
    }
    shared.key = Key(shared);
    shared.is_content = !shared.path.starts_with(kEnvelopePrefix) && shared.grain.as != v1::UNKNOWN;
    plan.leaves_.push_back(std::move(shared));
    plan.conditions_.push_back(std::move(condition));
    plan.Insert(*path, plan.leaves_.size() - 1);
  }
  return plan;
}

void MinimiserPlan::Insert(const LeafPath& path, size_t leaf) {
  Node* node = &root_;
  for (const FieldDescriptor* field : path.fields) {
    auto child = std::find_if(node->children.begin(), node->children.end(),
                              [&](const Node& each) { return each.field == field; });
    if (child == node->children.end()) {
      Node fresh;
      fresh.field = field;
      fresh.tag = TagOf(*field);
      fresh.hidden_by = HiddenBy(*field);
      node->children.push_back(std::move(fresh));
      child = node->children.end() - 1;
    }
    node = &*child;
  }
  node->leaves.push_back(leaf);
}

std::vector<bool> MinimiserPlan::AtMost(std::span<const std::string> keys) const {
  std::vector<bool> allowed(leaves_.size());
  for (size_t i = 0; i < leaves_.size(); ++i) {
    allowed[i] = std::any_of(keys.begin(), keys.end(),
                             [&](const std::string& key) { return Covers(key, leaves_[i]); });
  }
  return allowed;
}

std::vector<bool> MinimiserPlan::Copy(const Message& from, const std::vector<bool>& allowed,
                                      const Pseudonyms& pseudonyms, Message& to,
                                      const Message* envelope) const {
  CopyRun run{allowed, pseudonyms, envelope, false, std::vector<bool>(leaves_.size())};
  CopyBelow(root_, from, to, run);
  return std::move(run.copied);
}

bool MinimiserPlan::SharesContent(const Message& from, const Pseudonyms& pseudonyms) const {
  const std::vector<bool> all = All();
  CopyRun run{all, pseudonyms, nullptr, true, std::vector<bool>(leaves_.size())};
  const std::unique_ptr<Message> copy(from.New());
  CopyBelow(root_, from, *copy, run);
  return run.done;
}

bool MinimiserPlan::CopyBelow(const Node& node, const Message& from, Message& to,
                              CopyRun& run) const {
  bool any = false;
  for (const Node& child : node.children) {
    if (child.hidden_by != nullptr && from.GetReflection()->GetBool(from, child.hidden_by)) continue;
    const bool copied = child.field->message_type() != nullptr ? CopyMessages(child, from, to, run)
                                                               : CopyLeaf(child, from, to, run);
    any = any || copied;
    if (run.done) break;
  }
  return any;
}

bool MinimiserPlan::CopyMessages(const Node& node, const Message& from, Message& to,
                                 CopyRun& run) const {
  const FieldDescriptor* field = node.field;
  const Reflection& read = *from.GetReflection();
  const Reflection& write = *to.GetReflection();
  if (!field->is_repeated()) {
    const bool is_replaced =
        run.envelope != nullptr && field->message_type() == run.envelope->GetDescriptor();
    if (!is_replaced && !read.HasField(from, field)) return false;
    const Message& inner = is_replaced ? *run.envelope : read.GetMessage(from, field);
    if (CopyBelow(node, inner, *write.MutableMessage(&to, field), run)) return true;
    write.ClearField(&to, field);
    return false;
  }
  bool any = false;
  const int count = read.FieldSize(from, field);
  for (int i = 0; i < count && !run.done; ++i) {
    if (CopyBelow(node, read.GetRepeatedMessage(from, field, i), *write.AddMessage(&to, field),
                  run)) {
      any = true;
    } else {
      write.RemoveLast(&to, field);
    }
  }
  return any;
}

bool MinimiserPlan::CopyLeaf(const Node& node, const Message& from, Message& to,
                             CopyRun& run) const {
  for (size_t leaf : node.leaves) {
    if (!run.allowed[leaf] || !conditions_[leaf].Holds(from)) continue;
    if (!CopyShared(*node.field, leaves_[leaf].grain, from, run.pseudonyms, to)) continue;
    run.copied[leaf] = true;
    run.done = run.only_first_content && leaves_[leaf].is_content;
    return true;
  }
  return false;
}

const MinimiserPlan::SharedLeaf* MinimiserPlan::SharedBy(std::string_view path,
                                                         const Message& parent) const {
  for (size_t i = 0; i < leaves_.size(); ++i) {
    if (leaves_[i].path == path && conditions_[i].Holds(parent)) return &leaves_[i];
  }
  return nullptr;
}

bool MinimiserPlan::Shares(const Node& leaf, std::string_view parent) const {
  return std::any_of(leaf.leaves.begin(), leaf.leaves.end(), [&](size_t each) {
    return leaves_[each].grain.as != v1::UNKNOWN && conditions_[each].HoldsIn(parent);
  });
}

bool MinimiserPlan::IsHiddenIn(const Node& node, std::string_view parent) {
  if (node.hidden_by == nullptr) return false;
  WireField field;
  for (WireFields rest(parent); rest.Next(&field);) {
    if (field.tag == TagOf(*node.hidden_by)) return field.value != 0;
  }
  return false;
}

// Walks a serialised message along several plans at once and writes what one of them shares.
struct MinimiserPlan::Cutter {
  struct Branch {
    const MinimiserPlan* plan;
    const Node* node;
  };
  using Branches = absl::InlinedVector<Branch, 4>;

  static Branches Below(const Branches& branches, const WireField& field) {
    Branches below;
    for (const Branch& branch : branches) {
      for (const Node& child : branch.node->children) {
        if (child.tag == field.tag) below.push_back({branch.plan, &child});
      }
    }
    return below;
  }

  static void CutMessage(const Branches& branches, std::string_view message, std::string& kept) {
    WireField field;
    for (WireFields rest(message); rest.Next(&field);) {
      const Branches below = Below(branches, field);
      if (below.empty() || IsHiddenIn(*below.front().node, message)) continue;
      if (!below.front().node->children.empty()) {
        CutInner(below, field, kept);
      } else if (std::any_of(below.begin(), below.end(), [&](const Branch& branch) {
                   return branch.plan->Shares(*branch.node, message);
                 })) {
        kept.append(field.whole);
      }
    }
  }

  // A message of which nothing is kept leaves no trace.
  static void CutInner(const Branches& branches, const WireField& field, std::string& kept) {
    std::string inner;
    inner.reserve(field.bytes.size());
    CutMessage(branches, field.bytes, inner);
    if (inner.empty()) return;
    AppendMessage(field.tag, inner, &kept);
  }
};

void MinimiserPlan::Cut(std::span<const MinimiserPlan* const> plans, const Message& from,
                        Message& to) {
  Cutter::Branches branches;
  for (const MinimiserPlan* plan : plans) branches.push_back({plan, &plan->root_});
  const std::string whole = from.SerializeAsString();
  std::string kept;
  kept.reserve(whole.size());
  Cutter::CutMessage(branches, whole, kept);
  if (!to.ParseFromString(kept)) to.Clear();
}

}  // namespace schotvrij::policy
