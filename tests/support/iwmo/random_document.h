// Valid iWmo messages by chance, of which nobody but the tables knows more than they do.
//
//   std::mt19937_64 random(7);
//   const std::string document = test::RandomDocument(iwmo::Grammar::Of("WMO305"), random);
#pragma once

#include <random>
#include <string>

#include "adapters/iwmo/wire/grammar.h"

namespace schotvrij::test {

// What the official schema takes: optional elements or not, values of all that their types allow, BSNs of the 9999 range. Written as
// the Ketenbureau's examples are.
std::string RandomDocument(const iwmo::Grammar& grammar, std::mt19937_64& random);

// A value that `element` may have.
std::string RandomValue(const iwmo::Element& element, std::mt19937_64& random);

}  // namespace schotvrij::test
