// `schotvrij completion bash`: a completion script made from the commands as they are.
#pragma once

#include <ostream>

namespace CLI {
class App;
}

namespace schotvrij::cli {

// Install: source <(schotvrij completion bash)
void WriteBashCompletion(const CLI::App& program, std::ostream& out);

}  // namespace schotvrij::cli
