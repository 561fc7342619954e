#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "policy/bsn_role.h"
#include "policy/check_grounds.h"
#include "policy/checks.h"
#include "policy/leaf_path.h"
#include "policy/unknown_value.h"
#include "schemas/base/table.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::RepeatedPtrField;

constexpr uint32_t kGroupWidthMin = 2;
constexpr uint32_t kGroupWidthMax = 1'000'000;

void CheckParties(const CheckContext& context, const RepeatedPtrField<std::string>& roles,
                  const std::string& field, const Place& place) {
  if (roles.empty()) context.faults.Add("POLICY-REQUIRED", place.In(field, 0), field);
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < roles.size(); ++i) {
    if (!context.roles.contains(roles[i])) {
      context.faults.Add("POLICY-UNKNOWN-ROLE", place.In(field, i), roles[i]);
    }
    if (!seen.insert(roles[i]).second) {
      context.faults.Add("POLICY-DOUBLE-KEY", place.In(field, i), roles[i]);
    }
  }
}

// `where` compares a field of `message`.
void CheckWhere(const v1::Where& where, const google::protobuf::Descriptor& message, const Place& place,
                FaultList& faults) {
  const FieldDescriptor* sibling = message.FindFieldByName(where.sibling());
  if (sibling == nullptr || sibling->is_repeated() || !IsCoded(*sibling)) {
    faults.Add("POLICY-WHERE", place.In("sibling"), where.sibling());
    return;
  }
  if (where.equals().empty()) {
    faults.Add("POLICY-WHERE-VALUE", place.In("equals"));
  } else if (sibling->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    if (sibling->enum_type()->FindValueByName(where.equals()) == nullptr) {
      faults.Add("POLICY-WHERE-VALUE", place.In("equals"), where.equals());
    }
  } else if (sibling->name() == "instrument" &&
             Table::Embedded("schemas/codes/instrument.csv").Find("key", where.equals()) ==
                 nullptr) {
    faults.Add("POLICY-UNKNOWN-INSTRUMENT", place.In("equals"), where.equals());
  }
}

void CheckForm(const v1::Leaf& leaf, const LeafPath& path, const Place& place, FaultList& faults) {
  const v1::As as = AsOf(leaf);
  if (!Fits(as, path.leaf())) faults.Add("POLICY-AS", place.In("as"), v1::As_Name(as));
  const bool width_fits =
      as == v1::GROUP ? leaf.group_width() >= kGroupWidthMin && leaf.group_width() <= kGroupWidthMax
                      : leaf.group_width() == 0;
  if (!width_fits) faults.Add("POLICY-GROUP-WIDTH", place.In("group_width"));
}

// What no rule may share, and what belongs to another content.
void CheckSubject(const CheckContext& context, const v1::Rule& rule, const LeafPath& path,
                  v1::As as, const Place& place) {
  const FieldDescriptor& first = *path.fields.front();
  const bool content_known = FindContent(context.root, rule.content()) != nullptr;
  if (content_known && FindContent(context.root, first.name()) != nullptr &&
      first.name() != rule.content()) {
    context.faults.Add("POLICY-LEAF-OTHER-CONTENT", place.In("path"), first.name());
  }
  if (SensitiveOf(path.leaf()) == schotvrij::v1::FREE_TEXT) {
    context.faults.Add("POLICY-FREE-TEXT", place.In("path"));
  }
  if (OfSenderOnly(path)) context.faults.Add("POLICY-SENDER-ONLY", place.In("path"));
  if (OfRelative(path) && CarriesBsn(path, as)) {
    context.faults.Add("POLICY-BSN-RELATIVE", place.In("path"));
  }
}

void CheckNeedPlacement(DocumentKind kind, const v1::Leaf& leaf, const Place& place,
                        FaultList& faults) {
  if (kind == DocumentKind::kNational && !leaf.written_need().empty()) {
    faults.Add("POLICY-MISPLACED", place.In("written_need"));
  }
  if (kind == DocumentKind::kNetwork && leaf.on_written_need()) {
    faults.Add("POLICY-MISPLACED", place.In("on_written_need"));
  }
  if (kind == DocumentKind::kNational && leaf.as() == v1::UNKNOWN) faults.Add("POLICY-MISPLACED", place.In("as"));
}

void CheckBsnRecipients(const CheckContext& context, const v1::Rule& rule, const Place& leaf) {
  for (const std::string& key : rule.to()) {
    auto role = context.roles.find(key);
    if (role == context.roles.end()) continue;
    if (role->second->bsn().may() != v1::BsnUse::YES || !BsnAllowedFor(key, rule.purpose())) {
      context.faults.Add("POLICY-BSN-ROLE", leaf.In("path"), key);
    }
  }
}

// The same leaf twice in one rule: only on two different conditions.
void CheckLeafTwice(const v1::Rule& rule, const Place& place, FaultList& faults) {
  absl::flat_hash_map<std::string, int> unconditional;
  std::set<std::tuple<std::string, std::string, std::string>> conditional;
  absl::flat_hash_set<std::string> with_condition;
  for (int i = 0; i < rule.leaf_size(); ++i) {
    const v1::Leaf& leaf = rule.leaf(i);
    bool twice = unconditional.contains(leaf.path());
    if (leaf.has_where()) {
      twice |=
          !conditional.emplace(leaf.path(), leaf.where().sibling(), leaf.where().equals()).second;
      with_condition.insert(leaf.path());
    } else {
      twice |= with_condition.contains(leaf.path());
      unconditional.emplace(leaf.path(), i);
    }
    if (twice) faults.Add("POLICY-CONTRADICTORY", place.In("leaf", i).In("path"), leaf.path());
  }
}

// A field that says "unknown" of another says nothing of its own.
void CheckUnknown(const v1::Rule& rule, const v1::Leaf& leaf, const LeafPath& path, const Place& place, FaultList& faults) {
  const FieldDescriptor* const says = UnknownValueOf(path.leaf()).says;
  if (leaf.as() != v1::UNKNOWN || says == nullptr || says == &path.leaf()) return;
  const std::string said = absl::StrCat(leaf.path().substr(0, leaf.path().rfind('.') + 1), says->name());
  const bool shared = std::any_of(rule.leaf().begin(), rule.leaf().end(), [&](const v1::Leaf& each) { return each.path() == said; });
  if (shared) faults.Add("POLICY-CONTRADICTORY", place.In("as"), said);
}

SharedKinds CheckLeaves(const CheckContext& context, DocumentKind kind, const v1::Rule& rule,
                        const Place& place) {
  SharedKinds shared;
  for (int i = 0; i < rule.leaf_size(); ++i) {
    const v1::Leaf& leaf = rule.leaf(i);
    const Place here = place.In("leaf", i);
    CheckNeedPlacement(kind, leaf, here, context.faults);
    std::string_view fault;
    std::string at;
    std::optional<LeafPath> path = ResolveLeaf(context.root, leaf.path(), &fault, &at);
    if (!path) {
      context.faults.Add(fault, here.In("path"), at);
      continue;
    }
    CheckForm(leaf, *path, here, context.faults);
    CheckUnknown(rule, leaf, *path, here, context.faults);
    if (leaf.has_where()) CheckWhere(leaf.where(), *path->leaf().containing_type(), here.In("where"), context.faults);
    CheckSubject(context, rule, *path, AsOf(leaf), here);
    if (CarriesBsn(*path, AsOf(leaf))) {
      shared.bsn = true;
      CheckBsnRecipients(context, rule, here);
    }
    shared.health |= SensitiveOf(path->leaf()) == schotvrij::v1::HEALTH;
  }
  CheckLeafTwice(rule, place, context.faults);
  return shared;
}

void CheckSteps(const v1::Rule& rule, const Place& place, FaultList& faults) {
  std::set<int> seen;
  for (int i = 0; i < rule.registration_step_size(); ++i) {
    const int step = rule.registration_step(i);
    const Place here = place.In("registration_step", i);
    if (rule.content() != "registration") faults.Add("POLICY-STEP", here, rule.content());
    if (step == schotvrij::v1::REGISTRATION_STEP_UNSPECIFIED) faults.Add("POLICY-REQUIRED", here, "registration_step");
    if (!seen.insert(step).second) {
      faults.Add("POLICY-DOUBLE-KEY", here,
                 schotvrij::v1::RegistrationStep_Name(static_cast<schotvrij::v1::RegistrationStep>(step)));
    }
  }
}

void CheckWhen(const CheckContext& context, const v1::Rule& rule, const Place& place) {
  const FieldDescriptor* const content = FindContent(context.root, rule.content());
  if (!rule.has_when() || content == nullptr) return;
  CheckWhere(rule.when(), *content->message_type(), place.In("when"), context.faults);
}

// Whether a message can be of a kind that both are for.
bool Meet(const v1::Rule& a, const v1::Rule& b) {
  if (!a.has_when() || !b.has_when() || a.when().sibling() != b.when().sibling()) return true;
  return a.when().equals() == b.when().equals();
}

// The steps that a rule is for.
std::vector<int> StepsOf(const v1::Rule& rule) {
  if (rule.registration_step().empty()) return {schotvrij::v1::REGISTER};
  return {rule.registration_step().begin(), rule.registration_step().end()};
}

}  // namespace

void CheckRule(const CheckContext& context, DocumentKind kind, const v1::Rule& rule,
               const Place& place) {
  FaultList& faults = context.faults;
  RequireKey(rule.id(), place, "id", faults);
  Require(rule.explanation(), place, "explanation", faults);
  if (rule.purpose() == schotvrij::v1::PURPOSE_UNSPECIFIED) {
    faults.Add("POLICY-PURPOSE-MISSING", place.In("purpose"));
  }
  if (FindContent(context.root, rule.content()) == nullptr) {
    faults.Add("POLICY-UNKNOWN-CONTENT", place.In("content"), rule.content());
  }
  CheckParties(context, rule.from(), "from", place);
  CheckParties(context, rule.to(), "to", place);
  CheckSteps(rule, place, faults);
  CheckWhen(context, rule, place);
  if (rule.leaf().empty()) faults.Add("POLICY-NO-LEAVES", place);
  CheckGrounds(context, rule, CheckLeaves(context, kind, rule, place), place);
  if (kind == DocumentKind::kNational && !rule.narrows().empty()) {
    faults.Add("POLICY-MISPLACED", place.In("narrows"));
  }
}

void CheckRulesTogether(const RepeatedPtrField<v1::Rule>& rules, const Place& parent,
                        FaultList& faults) {
  absl::flat_hash_set<std::string> ids;
  std::multimap<std::tuple<int, std::string, int, std::string, std::string>, const v1::Rule*> flows;
  for (int i = 0; i < rules.size(); ++i) {
    const v1::Rule& rule = rules[i];
    const Place here = parent.In("rule", i);
    if (!ids.insert(rule.id()).second) faults.Add("POLICY-DOUBLE-KEY", here.In("id"), rule.id());
    const std::set<std::string> senders(rule.from().begin(), rule.from().end());
    const std::set<std::string> recipients(rule.to().begin(), rule.to().end());
    bool twice = false;
    for (const std::string& from : senders) {
      for (const std::string& to : recipients) {
        // In a network the purpose follows from content and route: two rules for one route would leave one unheard.
        const int purpose = rule.narrows().empty() ? rule.purpose() : 0;
        for (const int step : StepsOf(rule)) {
          const std::tuple flow(purpose, rule.content(), step, from, to);
          const auto [first, last] = flows.equal_range(flow);
          twice |= std::any_of(first, last, [&](const auto& known) { return Meet(*known.second, rule); });
          flows.emplace(flow, &rule);
        }
      }
    }
    if (twice) {
      faults.Add("POLICY-CONTRADICTORY", here,
                 "two rules for the same content and parties");
    }
  }
}

}  // namespace schotvrij::policy
