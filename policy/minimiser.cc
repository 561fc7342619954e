#include "policy/minimiser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "policy/shared_value.h"
#include "schemas/base/strings.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::RepeatedPtrField;

constexpr std::string_view kWhereMark = " where ";
constexpr std::string_view kAsMark = " as ";

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
  std::vector<bool> copied;
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
      condition.text = leaf.where().equals();
      if (condition.sibling->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        condition.number =
            condition.sibling->enum_type()->FindValueByName(condition.text)->number();
      }
    }
    shared.key = Key(shared);
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
                                      const Pseudonyms& pseudonyms, Message& to) const {
  CopyRun run{allowed, pseudonyms, std::vector<bool>(leaves_.size())};
  CopyBelow(root_, from, to, run);
  return std::move(run.copied);
}

bool MinimiserPlan::CopyBelow(const Node& node, const Message& from, Message& to,
                              CopyRun& run) const {
  bool any = false;
  for (const Node& child : node.children) {
    const bool copied = child.field->message_type() != nullptr ? CopyMessages(child, from, to, run)
                                                               : CopyLeaf(child, from, to, run);
    any = any || copied;
  }
  return any;
}

bool MinimiserPlan::CopyMessages(const Node& node, const Message& from, Message& to,
                                 CopyRun& run) const {
  const FieldDescriptor* field = node.field;
  const Reflection& read = *from.GetReflection();
  const Reflection& write = *to.GetReflection();
  if (!field->is_repeated()) {
    if (!read.HasField(from, field)) return false;
    if (CopyBelow(node, read.GetMessage(from, field), *write.MutableMessage(&to, field), run)) {
      return true;
    }
    write.ClearField(&to, field);
    return false;
  }
  bool any = false;
  const int count = read.FieldSize(from, field);
  for (int i = 0; i < count; ++i) {
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

bool MinimiserPlan::Shares(const Node& leaf, const Message& parent) const {
  return std::any_of(leaf.leaves.begin(), leaf.leaves.end(),
                     [&](size_t each) { return conditions_[each].Holds(parent); });
}

// Walks a message along several plans at once. Conditions are looked at before their sibling may be
// cleared: every field is judged first and cleared after.
struct MinimiserPlan::Cutter {
  struct Branch {
    const MinimiserPlan* plan;
    const Node* node;
  };
  using Branches = std::vector<Branch>;

  static Branches Below(const Branches& branches, const FieldDescriptor* field) {
    Branches below;
    for (const Branch& branch : branches) {
      for (const Node& child : branch.node->children) {
        if (child.field == field) below.push_back({branch.plan, &child});
      }
    }
    return below;
  }

  // Whether anything is left.
  static bool CutMessage(const Branches& branches, Message& message) {
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    std::vector<const FieldDescriptor*> drop;
    for (const FieldDescriptor* field : fields) {
      const Branches below = Below(branches, field);
      const bool keep = field->message_type() != nullptr
                            ? CutField(below, message, field)
                            : std::any_of(below.begin(), below.end(), [&](const Branch& branch) {
                                return branch.plan->Shares(*branch.node, message);
                              });
      if (!keep) drop.push_back(field);
    }
    for (const FieldDescriptor* field : drop) reflection.ClearField(&message, field);
    reflection.MutableUnknownFields(&message)->Clear();
    return drop.size() < fields.size();
  }

  static bool CutField(const Branches& branches, Message& message, const FieldDescriptor* field) {
    if (branches.empty()) return false;
    const Reflection& reflection = *message.GetReflection();
    if (!field->is_repeated()) {
      return CutMessage(branches, *reflection.MutableMessage(&message, field));
    }
    int kept = 0;
    const int count = reflection.FieldSize(message, field);
    for (int i = 0; i < count; ++i) {
      if (!CutMessage(branches, *reflection.MutableRepeatedMessage(&message, field, i))) continue;
      if (i != kept) reflection.SwapElements(&message, field, i, kept);
      ++kept;
    }
    for (int i = kept; i < count; ++i) reflection.RemoveLast(&message, field);
    return kept > 0;
  }
};

void MinimiserPlan::Cut(std::span<const MinimiserPlan* const> plans, Message& message) {
  Cutter::Branches branches;
  for (const MinimiserPlan* plan : plans) branches.push_back({plan, &plan->root_});
  Cutter::CutMessage(branches, message);
}

}  // namespace schotvrij::policy
