// `schotvrij backup` and `schotvrij restore`: a home's files and its database as they stand at one moment, while the gateway runs.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace schotvrij::cli {

struct BackupOptions {
  std::string home;
  std::string folder;         // made; must not exist
  std::string part = "data";  // "data": all but the keys; "keys"; "all": both, which opens whatever is in it
};

int RunBackup(const BackupOptions& options, std::ostream& out, std::ostream& err);

struct RestoreOptions {
  std::vector<std::string> folders;  // backups that together make one home
  std::string home;                  // made; must not exist
};

// Nothing is left behind unless every file is as it was backed up, the database holds the audit chains that were noted, and the
// audit trail is whole.
int RunRestore(const RestoreOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
