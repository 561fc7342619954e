// TableFault: a compiled-in table that does not fit the schema or another table; ends the program.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace schotvrij::iwmo {

[[noreturn]] inline void TableFault(std::string_view table, int line) {
  std::fprintf(stderr, "schotvrij: %.*s:%d: does not fit\n", static_cast<int>(table.size()), table.data(), line);
  std::abort();
}

}  // namespace schotvrij::iwmo
