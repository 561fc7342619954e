// Admission: who says this to whom, in which network. Turns what a message claims into participant keys, and refuses what the
// caller may not claim.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gateway/identity/enrolment.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::exchange {

// What one message is judged by; both stay the same from its first step to its last.
struct Standing {
  std::shared_ptr<const policy::RuleSet> rules;
  std::shared_ptr<const identity::Enrolment> enrolment;
  CivilDate today;
};

// Which networks are active; remembered for one Standing.
class ActiveNetworks {
 public:
  bool IsActive(const Standing& standing, std::string_view network);

 private:
  absl::Mutex mutex_;
  std::shared_ptr<const policy::RuleSet> rules_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const identity::Enrolment> enrolment_ ABSL_GUARDED_BY(mutex_);
  std::optional<CivilDate> day_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> active_ ABSL_GUARDED_BY(mutex_);
};

// Whether to `caller`, who speaks for `party`, the network is not there: its document names staff of the party that may handle what it
// exchanges, and `caller` is none of them today.
bool IsHidden(const Standing& standing, const identity::Caller& caller, std::string_view party, std::string_view network);
// All of those.
std::vector<std::string> HiddenNetworks(const Standing& standing, const identity::Caller& caller, std::string_view party);
// Key of who speaks: `party`, the staff as whom and the hat it states. What was sent as one of the staff, or under one hat, is a repeat to
// that one only.
std::string SpeakerOf(const identity::Caller& caller, std::string_view party);

// `party`, for which `caller` speaks; an issue when one of both is suspended. Asked at each call: a connection may be older than the
// enrolment.
std::optional<std::string> UnlessSuspended(const identity::Caller& caller, const identity::Enrolment& enrolment,
                                           const std::string& party, std::vector<Issue>* issues);
// Whether `caller` or `party`, for which it speaks, lacks what real traffic asks (checklist.h). Then there is only its trial for it.
bool IsIncomplete(const identity::Caller& caller, const identity::Enrolment& enrolment, std::string_view party);
Issue IncompleteIssue();

// The participant `caller` speaks as, unless it is suspended; for a trial also who is incomplete. `named` empty: the only one it can be.
std::optional<std::string> SpeaksForTrialAs(const identity::Caller& caller, const identity::Enrolment& enrolment,
                                            const v1::PartyIdentifier& named, std::vector<Issue>* issues);
std::optional<std::string> SpeaksAs(const identity::Caller& caller, const identity::Enrolment& enrolment,
                                    const v1::PartyIdentifier& named, std::vector<Issue>* issues);

// The hat that `caller` wears as `party`: the role it states, or the only one it has; empty when the party has none. An issue when it has several
// and states none, states one that it has not, or is one of the staff and has none of the party's.
std::optional<std::string> HatOf(const Standing& standing, const identity::Caller& caller, std::string_view party,
                                 std::vector<Issue>* issues);

// For an exchange whose envelope.sender is resolved: fills sender_role, recipient, network and judged_on, and resolves the recipients that
// consents name; clears the identifiers they came from. A Consent on its own, or a SafetyHold, that names no network is judged in any of
// the sender's, and bound to none. A Receipt keeps its recipient and network for the road: they follow
// from what it answers. A network that is hidden from `caller` is an unknown one.
std::vector<Issue> Admit(const Standing& standing, const identity::Caller& caller, ActiveNetworks& active, v1::Exchange* exchange);

// BSN-NOT-TEST or BSN-TEST when the client's BSN does not belong in a home of that kind.
std::vector<Issue> CheckEnvironment(config::v1::Environment environment, const v1::Exchange& exchange);

// For the audit trail: roles of `party` in `network` on the standing's day, joined by commas; empty: none or no such network. And `role`
// itself, or those where it is empty.
std::string RolesOf(const Standing& standing, std::string_view network, std::string_view party);
std::string RoleOr(std::string_view role, const Standing& standing, std::string_view network, std::string_view party);

}  // namespace schotvrij::exchange
