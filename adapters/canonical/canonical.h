// The gateway's own format: protobuf on gRPC, protobuf JSON in the tools. Unknown fields and enum
// values are refused.
//
//   std::unique_ptr<Decoder> decoder = canonical::NewDecoder();
//   if (decoder->Feed(bytes, parts)) decoder->Finish(parts);
//   if (!HasError(parts.issues)) Refuse(canonical::CheckForm(parts.exchanges.front()));
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "policy/disclosure/answer.h"
#include "policy/disclosure/encoded.h"
#include "schemas/base/decoder.h"

namespace schotvrij::canonical {

inline constexpr std::string_view kProtobufMediaType = "application/x-protobuf";
inline constexpr std::string_view kJsonMediaType = "application/json";

// Both decoders emit one Exchange or one Issue with an error: BODY-SIZE, PROTO-SYNTAX or JSON-*,
// UNKNOWN-FIELD. What only the gateway gives (message id, participant keys, date of sending) is
// left out of what they emit, with a warning.
//
// Serialised v1::Exchange.
std::unique_ptr<Decoder> NewDecoder();
// Protobuf JSON of one v1::Exchange (format `canonical` of the command line).
std::unique_ptr<Decoder> NewJsonDecoder();

// Checks that every edge makes within the message, after its own: BSN and name form, dates, keys,
// code lists, unknown fields. Paths are canonical ("registration.consents[0].given_on"). Adapters
// with words of their own translate. At most limits::kIssuesMax findings.
std::vector<Issue> CheckForm(const v1::Exchange& exchange);

// What a v1::MailboxItem says beside the message.
struct ItemState {
  bool repeat = false;
  std::string client_key = {};
  std::optional<bool> takes_part = std::nullopt;
};
// Serialised v1::MailboxItem.
absl::StatusOr<policy::Encoded> EncodeMailboxItem(const policy::Disclosure& disclosure, const ItemState& state = {});
// Protobuf JSON of the minimised Exchange.
absl::StatusOr<policy::Encoded> EncodeJson(const policy::Disclosure& disclosure);

}  // namespace schotvrij::canonical
