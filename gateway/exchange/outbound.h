// Outbound: how an Encoded reaches a recipient that is pushed to. The road declares it, transport implements it, main joins
// them. There is no overload for strings.
#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "policy/disclosure/encoded.h"
#include "schotvrij/config/v1/config.pb.h"
#include "schotvrij/v1/sealed.pb.h"

namespace schotvrij::exchange {

struct DeliveryOutcome {
  enum class Kind {
    kAccepted,   // the recipient's system took it over
    kTransient,  // try again later
    kPermanent,  // will never succeed: dead letter
  };
  Kind kind = Kind::kTransient;
  std::string reason;  // code, no text of the peer: "smtp-550", "tls-verify", "no-route"
};

// Whether a participant of this route is pushed to, by an Outbound.
inline bool IsByMail(const config::v1::Route& route) { return route.has_mail() || route.has_relayed_mail(); }

// Of a route by mail.
inline const std::string& MailAddressOf(const config::v1::Route& route) {
  return route.has_mail() ? route.mail().address() : route.relayed_mail().address();
}

class Outbound {
 public:
  using Done = absl::AnyInvocable<void(DeliveryOutcome)>;
  virtual ~Outbound() = default;
  // Sends `encoded` to `recipient`; `frozen` has the ids and the date that every attempt reuses. `done` is called once, on any
  // thread.
  virtual void Send(const policy::Encoded& encoded, const config::v1::Participant& recipient,
                    const v1::FrozenDelivery& frozen, Done done) = 0;
};

}  // namespace schotvrij::exchange
