// `schotvrij demo`: plays the Ede registration from start to end in a home of its own: what the provider sends, what the
// municipality gets, what was withheld and why, the answer, and the audit verification.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

struct DemoOptions {
  std::string keep;  // directory to make the home in and to leave it; empty: a temporary one
};

int RunDemo(const DemoOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
