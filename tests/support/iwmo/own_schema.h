// OwnSchema: an XML Schema of one message of iWmo, written from our tables, for libxml2 to read.
#pragma once

#include <string>

#include "adapters/iwmo/wire/grammar.h"

namespace schotvrij::test {

struct OwnSchema {
  std::string message;  // imports basisschema.xsd
  std::string base;     // basisschema.xsd
};
OwnSchema WriteOwnSchema(const iwmo::Grammar& grammar);

}  // namespace schotvrij::test
