// Place: where something stands, in the words of an Issue.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/iwmo/wire/tree.h"

namespace schotvrij::iwmo {

// "Bericht/Client/StartProducten/StartProduct[2]/Begindatum, line 34": of a class that repeats with its number from 1. `parts_before`: how
// many parts came before this one. Of a tree that was not read from a document without a line.
std::string PlaceOf(const Tree& tree, NodeIndex node, uint64_t parts_before = 0);

// The two halves of it.
std::string PathOf(const Tree& tree, NodeIndex node, uint64_t parts_before);
std::string AtLine(std::string path, uint32_t line);

}  // namespace schotvrij::iwmo
