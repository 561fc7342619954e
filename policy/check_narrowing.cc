#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/agreement.h"
#include "policy/checks.h"
#include "policy/leaf_path.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::RepeatedPtrField;

void CheckSubset(const RepeatedPtrField<std::string>& narrow,
                 const RepeatedPtrField<std::string>& wide, const std::string& field,
                 const Place& place, FaultList& faults) {
  for (int i = 0; i < narrow.size(); ++i) {
    if (std::find(wide.begin(), wide.end(), narrow[i]) == wide.end()) {
      faults.Add("POLICY-WIDENS-PARTIES", place.In(field, i), narrow[i]);
    }
  }
}

// A network keeps each ground of the nation or rests on consent instead.
void CheckGroundsKept(const v1::Grounds& narrow, const v1::Grounds& wide, const Place& place,
                      FaultList& faults) {
  if (narrow.article_6() != wide.article_6() && narrow.article_6() != v1::Grounds::CONSENT) {
    faults.Add("POLICY-WIDENS-GROUNDS", place.In("article_6"),
               v1::Grounds::Article6_Name(wide.article_6()));
  }
  if (narrow.secrecy() != wide.secrecy() && narrow.secrecy() != v1::LIFTED_BY_CONSENT) {
    faults.Add("POLICY-WIDENS-GROUNDS", place.In("secrecy"), v1::Secrecy_Name(wide.secrecy()));
  }
  // Where the nation sees health, a network does not see it away.
  if (!wide.article_9().empty() && narrow.article_9().empty()) {
    faults.Add("POLICY-WIDENS-GROUNDS", place.In("no_health_shown"), "article_9");
  }
}

bool SameCondition(const v1::Leaf& narrow, const v1::Leaf& wide) {
  return narrow.has_where() && narrow.where().sibling() == wide.where().sibling() &&
         narrow.where().equals() == wide.where().equals();
}

Grain GrainOf(const v1::Leaf& leaf) { return {AsOf(leaf), leaf.group_width()}; }

void CheckLeaf(const v1::Leaf& leaf, const v1::Rule& national, const Place& place,
               FaultList& faults) {
  std::vector<const v1::Leaf*> candidates;
  for (const v1::Leaf& each : national.leaf()) {
    if (each.path() == leaf.path()) candidates.push_back(&each);
  }
  if (candidates.empty()) {
    faults.Add("POLICY-WIDENS-LEAF", place.In("path"), leaf.path());
    return;
  }
  std::erase_if(candidates, [&](const v1::Leaf* each) {
    return each->has_where() && !SameCondition(leaf, *each);
  });
  if (candidates.empty()) {
    faults.Add("POLICY-WIDENS-WHERE", place.In("where"), leaf.path());
    return;
  }
  std::erase_if(candidates, [&](const v1::Leaf* each) {
    return !SameOrCoarser(GrainOf(leaf), GrainOf(*each));
  });
  if (candidates.empty()) {
    faults.Add("POLICY-WIDENS-AS", place.In("as"), leaf.path());
    return;
  }
  const bool needs_reason =
      std::all_of(candidates.begin(), candidates.end(),
                  [](const v1::Leaf* each) { return each->on_written_need(); });
  if (needs_reason && leaf.written_need().empty()) {
    faults.Add("POLICY-WRITTEN-NEED", place.In("written_need"), leaf.path());
  }
}

}  // namespace

void CheckNarrowing(const CheckContext& context, const v1::Rule& rule, const Place& place) {
  FaultList& faults = context.faults;
  if (rule.narrows().empty()) {
    faults.Add("POLICY-NARROWS-MISSING", place.In("narrows"));
    return;
  }
  auto found = context.national_rules.find(rule.narrows());
  if (found == context.national_rules.end()) {
    faults.Add("POLICY-NARROWS-UNKNOWN", place.In("narrows"), rule.narrows());
    return;
  }
  const v1::Rule& national = *found->second;
  if (rule.purpose() != national.purpose()) {
    faults.Add("POLICY-WIDENS-PURPOSE", place.In("purpose"));
  }
  const bool content_known = FindContent(context.root, rule.content()) != nullptr;
  if (content_known && rule.content() != national.content()) {
    faults.Add("POLICY-WIDENS-PURPOSE", place.In("content"));
  }
  CheckSubset(rule.from(), national.from(), "from", place, faults);
  CheckSubset(rule.to(), national.to(), "to", place, faults);
  for (int i = 0; i < rule.registration_step_size(); ++i) {
    const auto step = static_cast<schotvrij::v1::RegistrationStep>(rule.registration_step(i));
    if (!IsForStep(national, step)) {
      faults.Add("POLICY-WIDENS-STEP", place.In("registration_step", i), schotvrij::v1::RegistrationStep_Name(step));
    }
  }
  if (rule.registration_step().empty() && !IsForStep(national, schotvrij::v1::REGISTER)) {
    faults.Add("POLICY-WIDENS-STEP", place, "REGISTER");
  }
  const bool same_kind = rule.has_when() && rule.when().sibling() == national.when().sibling() &&
                         rule.when().equals() == national.when().equals();
  if (national.has_when() && !same_kind) {
    faults.Add("POLICY-WIDENS-KIND", place.In("when"), absl::StrCat(national.when().sibling(), " = ", national.when().equals()));
  }
  CheckGroundsKept(rule.grounds(), national.grounds(), place.In("grounds"), faults);
  for (int i = 0; i < rule.leaf_size(); ++i) {
    CheckLeaf(rule.leaf(i), national, place.In("leaf", i), faults);
  }
}

}  // namespace schotvrij::policy
