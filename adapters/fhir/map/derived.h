// The rows of schemas/formats/fhir/derived.csv: elements whose value follows from canonical fields.
//
//   DerivedValue("episode", product)          // "finished": the status that is written
//   MayBe("episode", "active", product)       // whether one that is read fits
#pragma once

#include <string_view>

#include "google/protobuf/message.h"

namespace schotvrij::fhir {

// Of the first row of `of` that holds for `message`; empty when none does.
std::string_view DerivedValue(std::string_view of, const google::protobuf::Message& message);

// Whether a row of `of` with that value holds for `message`.
bool MayBe(std::string_view of, std::string_view value, const google::protobuf::Message& message);

}  // namespace schotvrij::fhir
