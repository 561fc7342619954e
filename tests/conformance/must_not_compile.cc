// What the house forbids by its types. Case 0 must compile; each other case must not, for the reason its `expect` names
// (a regular expression for the compiler's first words on it, GCC or clang).
#include <iostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/canonical/canonical.h"
#include "gateway/exchange/outbound.h"
#include "gateway/telemetry/event.h"
#include "policy/disclosure/disclosure.h"
#include "policy/disclosure/encoded.h"
#include "schemas/base/bsn.h"

namespace schotvrij {

// The honest way: what an engine disclosed is encoded and sent.
[[maybe_unused]] void Send(const policy::Disclosure& disclosure, exchange::Outbound& outbound,
                           const config::v1::Participant& recipient, const v1::FrozenDelivery& frozen) {
  policy::Encoded encoded = policy::Encoded::From(disclosure, "bytes", "text/plain");
  outbound.Send(encoded, recipient, frozen, [](exchange::DeliveryOutcome) {});
}

[[maybe_unused]] void Forbidden(const v1::Exchange& exchange, exchange::Outbound& outbound,
                                const config::v1::Participant& recipient, const v1::FrozenDelivery& frozen,
                                const Bsn& bsn) {
#if CASE == 1  // expect: (Disclosure::Disclosure.* is private|private constructor of class 'schotvrij::policy::Disclosure')
  policy::Disclosure disclosure(exchange, policy::Evidence{});
#elif CASE == 2  // expect: (Encoded::Encoded.* is private|private constructor of class 'schotvrij::policy::Encoded')
  policy::Encoded encoded(std::string("bytes"), std::string("text/plain"), {});
#elif CASE == 3  // expect: no matching function for call to .*From
  policy::Encoded encoded = policy::Encoded::From(exchange, "bytes", "text/plain");
#elif CASE == 4  // expect: (invalid initialization of reference of type|no viable conversion from|no matching function for call to .*EncodeJson)
  (void)canonical::EncodeJson(exchange);
#elif CASE == 5  // expect: (cannot convert|invalid initialization of reference of type|no viable conversion from)
  outbound.Send(std::string("bytes"), recipient, frozen, [](exchange::DeliveryOutcome) {});
#elif CASE == 6  // expect: (no match for .operator<<.|invalid operands to binary expression)
  std::cout << bsn;
#elif CASE == 7  // expect: (cannot convert .*|no matching function for call to .*StrCat|no known conversion)
  (void)absl::StrCat("client ", bsn);
#elif CASE == 8  // expect: (no match for .operator\+=.|no viable overloaded)
  std::string text;
  text += bsn;
#elif CASE == 9  // expect: (no match for .operator<<.|invalid operands to binary expression)
  std::cout << exchange;
#elif CASE == 10  // expect: (cannot convert .*|no matching function for call to .*StrCat|no known conversion)
  (void)absl::StrCat("message ", exchange);
#elif CASE == 11  // expect: (could not convert|no viable conversion|cannot convert)
  (void)telemetry::Repeated{.sender = exchange.client().bsn()};
#elif CASE == 12  // expect: no matching function for call to .*From
  (void)policy::EncodedAnswer::From(exchange, "bytes", "application/xml");
#endif
}

}  // namespace schotvrij
