// FHIR resources out of a Disclosure: only what it holds appears, nothing is added about the client, there is no narrative.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "adapters/fhir/fhir.h"
#include "adapters/fhir/wire/json_writer.h"
#include "policy/disclosure/disclosure.h"

namespace schotvrij::fhir {

inline constexpr std::string_view kRequired = "schemas/formats/fhir/required.csv";
inline constexpr std::string_view kMessagesRequired = "schemas/formats/fhir/messages_required.csv";

// kFailedPrecondition when a leaf is missing without which nothing can be built, or the content is not in `table` at all.
absl::Status CheckComplete(const policy::Disclosure& disclosure, std::string_view table = kRequired);

// Names an entry of that kind within its Bundle; not an address.
std::string FullUrl(std::string_view kind, const policy::Disclosure& disclosure);

// `patient` is the reference that Task.for makes to the client, where the Disclosure has one.
void WriteTask(const policy::Disclosure& disclosure, const ItemState& state, std::string_view patient, JsonWriter* json);
void WritePatient(const policy::Disclosure& disclosure, const ItemState& state, JsonWriter* json);

// meta.security: what the minimiser did to the resource.
void WriteMeta(bool pseudonymised, JsonWriter* json);

// How the leaf at `path` was shared; ITSELF when the Disclosure does not say.
policy::v1::As SharedAs(const policy::Disclosure& disclosure, std::string_view path);

}  // namespace schotvrij::fhir
