// MakeHome: a complete home to develop and demonstrate with: configuration, a certificate authority
// and a certificate per party of the network, keys, and an enrolment with synthetic identifiers.
// Nothing in it is fit for production.
//
//   RETURN_IF_ERROR(MakeHome({.directory = "demo", .network = "ede"}, random, clock).status());
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

struct InitOptions {
  std::string directory;
  std::string network = "ede";  // a document below policy/documents/
  // On loopback. 0: any free port, which the gateway writes into the home's run/.
  uint16_t https_port = 8443;
  uint16_t grpc_port = 8444;
  uint16_t admin_port = 9464;
  // smtp://HOST:PORT or smtps://HOST:PORT. Given: parties whose role is reached by mail
  // (schemas/codes/synthetic_identifier.csv) get that route; empty: every party has a mailbox.
  std::string smtp_url;
  // PEM; copied into the home. Empty: the system's store vouches for the mail server.
  std::string smtp_ca_file;
};

// What was made, to tell the user.
struct MadeHome {
  struct Party {
    std::string key;
    std::string name;
    std::string identifiers;  // "cbs 0228"
    std::string route;        // "mailbox" or "mail to ADDRESS"
  };
  std::string directory;
  std::vector<Party> parties;
};

// Makes everything beside `directory` and renames it into place: afterwards it is complete or not
// there. Directory 0700, files 0600. kAlreadyExists when `directory` exists and is not an empty
// directory; kNotFound for a network without a document; kInvalidArgument for a document that
// cannot be enrolled, an SMTP URL or CA file that cannot be used; kUnavailable when the file system
// refuses.
absl::StatusOr<MadeHome> MakeHome(const InitOptions& options, Random& random, const Clock& clock);

// What `init` prints: what was made and the command to go on with.
std::string Describe(const MadeHome& home);

}  // namespace schotvrij::cli
