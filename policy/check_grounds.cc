#include "policy/check_grounds.h"

#include <algorithm>

#include "policy/consent.h"

namespace schotvrij::policy {
namespace {

bool IsPublicOrPayer(const CheckContext& context, const std::string& role) {
  auto found = context.roles.find(role);
  return found != context.roles.end() && (found->second->payer() || found->second->public_body());
}

void CheckConsentAlone(const CheckContext& context, const v1::Rule& rule, const Place& grounds) {
  const v1::Countersignature& signature = rule.grounds().countersignature();
  CheckDate(signature.signed_on(), grounds.In("countersignature"), "signed_on", context.faults);
  const bool needed = rule.grounds().article_6() == v1::Grounds::CONSENT &&
                      std::any_of(rule.to().begin(), rule.to().end(), [&](const std::string& role) {
                        return IsPublicOrPayer(context, role);
                      });
  if (needed && (signature.privacy_officer().empty() || signature.signed_on().empty())) {
    context.faults.Add("POLICY-CONSENT-ALONE", grounds.In("countersignature"));
  }
}

}  // namespace

void CheckGrounds(const CheckContext& context, const v1::Rule& rule, const SharedKinds& shared,
                  const Place& place) {
  FaultList& faults = context.faults;
  const v1::Grounds& grounds = rule.grounds();
  const Place here = place.In("grounds");
  if (grounds.article_6() == v1::Grounds::ARTICLE6_UNSPECIFIED ||
      grounds.article_6_basis().empty()) {
    faults.Add("POLICY-GROUND-ARTICLE6", here.In("article_6"));
  }
  if (grounds.article_9().empty() && grounds.no_health_shown().empty()) {
    faults.Add("POLICY-GROUND-ARTICLE9", here.In("article_9"));
  } else if (!grounds.article_9().empty() && !grounds.no_health_shown().empty()) {
    faults.Add("POLICY-CONTRADICTORY", here.In("no_health_shown"), "article_9 and no_health_shown");
  } else if (shared.health && grounds.article_9().empty()) {
    faults.Add("POLICY-HEALTH-SHOWN", here.In("no_health_shown"));
  }
  if (grounds.secrecy() == v1::SECRECY_UNSPECIFIED || grounds.secrecy_basis().empty()) {
    faults.Add("POLICY-GROUND-SECRECY", here.In("secrecy"));
  }
  if (shared.bsn && grounds.bsn_statute().empty()) {
    faults.Add("POLICY-GROUND-BSN", here.In("bsn_statute"));
  }
  CheckConsentAlone(context, rule, here);
}

}  // namespace schotvrij::policy
