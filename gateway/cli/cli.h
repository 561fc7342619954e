// The command line: every command, its options and its help, joined to what does the work.
#pragma once

namespace schotvrij::cli {

// Returns an exit code (exit_code.h).
int Run(int argc, char** argv);

}  // namespace schotvrij::cli
