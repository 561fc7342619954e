// Messages of iWmo to measure with: valid, by the rules within a message too, each of them another.
#pragma once

#include <cstdint>
#include <string>

namespace schotvrij::bench {

// A 323 of so many clients, at most 9,000, each with `lines` Prestaties.
std::string Declaration(uint64_t clients, uint64_t lines);

// A 305 of one client with one StartProduct.
std::string Start(uint64_t number);

}  // namespace schotvrij::bench
