// FHIR R4, JSON and XML: bytes in, canonical parts out; Disclosures and Answers in, FHIR resources out. Pure.
//
//   std::unique_ptr<Decoder> decoder = fhir::NewDecoder({});
//   policy::Encoded task = fhir::EncodeTask(disclosure);
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/fhir/syntax.h"
#include "policy/disclosure/answer.h"
#include "policy/disclosure/encoded.h"
#include "schemas/base/decoder.h"

namespace schotvrij::fhir {

struct DecodeOptions {
  // Key to use when the message carries none of its own (HTTP header Idempotency-Key).
  std::string fallback_key;
  Syntax syntax = Syntax::kJson;
};

// A Bundle that registers, a Task with contained Patient, a single Consent, or a Task that answers (PUT Task/{id}).
std::unique_ptr<Decoder> NewDecoder(DecodeOptions options);

// A Bundle (collection) whose entries' resources are such messages. Holds one of them at a time, and can go on behind a part that
// another decoder read: an issue between two parts is about the part, one after which Feed returns false about the Bundle.
struct BatchPosition {
  uint64_t bytes = 0;  // from the start of the Bundle
  std::string state;   // opaque; empty: the start
};
class BatchDecoder : public Decoder {
 public:
  // Behind the last part that was emitted.
  virtual const BatchPosition& position() const = 0;
};
std::unique_ptr<BatchDecoder> NewBatchDecoder(BatchPosition from);

// What a recipient sees of one delivery. State as the mailbox has it goes into Task.status and businessStatus.
struct ItemState {
  bool acknowledged = false;
  bool answered = false;
  std::string client_key = {};                    // the client, in all that this recipient gets about it; empty: not told
  std::optional<bool> takes_part = std::nullopt;  // of a registration: Patient.active
};
// Bundle (collection) with Task and Patient, as `translate --to fhir-json` and a push would send it.
absl::StatusOr<policy::Encoded> Encode(const policy::Disclosure& disclosure, Syntax syntax = Syntax::kJson);
absl::StatusOr<policy::Encoded> EncodeTask(const policy::Disclosure& disclosure, const ItemState& state,
                                           Syntax syntax = Syntax::kJson);
absl::StatusOr<policy::Encoded> EncodePatient(const policy::Disclosure& disclosure, const ItemState& state,
                                              Syntax syntax = Syntax::kJson);
// Searchset Bundles; the two spans run in step. `next_link` empty: the last page.
absl::StatusOr<policy::Encoded> EncodeTaskSearch(std::span<const policy::Disclosure> disclosures,
                                                 std::span<const ItemState> states, std::string_view next_link,
                                                 Syntax syntax = Syntax::kJson);
absl::StatusOr<policy::Encoded> EncodePatientSearch(std::span<const policy::Disclosure> disclosures,
                                                    std::span<const ItemState> states, std::string_view next_link,
                                                    Syntax syntax = Syntax::kJson);

// OperationOutcome, or what the message's own form asks for when it was received (see Answer::shape).
policy::EncodedAnswer EncodeAnswer(const policy::Answer& answer, Syntax syntax = Syntax::kJson);
// 200, 201, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422 or 503, from the answer's issues (schemas/codes/issue_status.csv).
int HttpStatus(const policy::Answer& answer);

// The CapabilityStatement: true to what this release does, and no more.
policy::EncodedAnswer Capability(std::string_view release, std::string_view published_on,
                                 Syntax syntax = Syntax::kJson);

}  // namespace schotvrij::fhir
