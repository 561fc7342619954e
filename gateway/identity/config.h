// Everything a gateway is told: its configuration, the enrolment, and every file they name, read and checked as a whole.
//
//   absl::StatusOr<LoadedConfig> loaded = LoadConfig("home/schotvrij.conf");
//   if (!loaded.ok()) Print(loaded.status().message());   // one line per fault: file:line:column: path: what and remedy
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/identity/enrolment.h"
#include "gateway/identity/secret.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::identity {

struct NamedFile {
  std::string name;  // absolute
  std::string text;
};

// A certificate with its key; PEM. They belong together: checked.
struct KeyPair {
  std::string certificate_pem;  // and its chain
  Secret key_pem;
};

struct TlsFiles {
  KeyPair server;
  std::string client_ca_pem;
};

struct LoadedConfig {
  // As written, but every file name is absolute.
  config::v1::Config config;
  std::shared_ptr<const Enrolment> enrolment;
  std::vector<NamedFile> policy_files;

  TlsFiles https;  // empty when config has no such listener; one of both it has
  TlsFiles grpc;

  Secret key_encryption_key_hex;
  Secret index_key_hex;
  Secret audit_signing_key_pem;
  std::string audit_verification_key_pem;

  KeyPair mail_signing;  // empty without config.mail
  // S/MIME certificates of the participants reached by mail, by key; PEM.
  std::map<std::string, std::string, std::less<>> mail_certificates;

  // Microseconds; what the configuration leaves out has its default from schemas/base/limits.h.
  int64_t checkpoint_interval_us = 0;
  uint32_t checkpoint_records = 0;
  int64_t mail_timeout_us = 0;
  int64_t mail_apart_us = 0;  // between two mails to one participant
  int64_t retry_first_us = 0;
  int64_t retry_max_us = 0;
  uint32_t retry_attempts = 0;
};

// kInvalidArgument with one line per fault, in order of file and line: text that does not parse, fields and values the schema
// does not name, unspecified enum values, addresses and URLs that are none, files that are missing, too large, not what they
// should be, or secret and readable by others (with the command that mends it), keys that do not belong to their certificate,
// whatever Enrolment::Create refuses.
absl::StatusOr<LoadedConfig> LoadConfig(const std::string& file);

// The same as if the enrolment file held `enrolment`: whether a change to it would be taken, before it is made.
absl::StatusOr<LoadedConfig> LoadConfigWith(const std::string& file, std::string enrolment);

// The configuration alone, for who only asks where a running gateway listens: of the files that it names none is read, so that a
// fault in one of them (which the gateway has not taken over) is no hindrance. kInvalidArgument as above.
absl::StatusOr<config::v1::Config> ReadConfig(const std::string& file);

}  // namespace schotvrij::identity
