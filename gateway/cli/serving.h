// Serving: a whole gateway at work: everything that main joins, started in order and stopped in the reverse.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<Serving> serving, Serving::Start("home/schotvrij.conf"));
//   serving->Reload();
//   serving->Stop();
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/transport/http/admin.h"

namespace schotvrij::cli {

class Serving {
 public:
  // Reads and checks everything before anything listens. The status text has a line per fault.
  // `log_file` empty: the log goes to standard error.
  static absl::StatusOr<std::unique_ptr<Serving>> Start(const std::string& config_file,
                                                        const std::string& log_file = "");
  // Stops.
  ~Serving();

  // Reads policy and enrolment again; all of it is put in force, or nothing. Listeners, keys and store keep what they have.
  http::ReloadOutcome Reload();
  // Takes no new work, finishes what was begun, writes a last checkpoint. A second call does nothing.
  void Stop();

  // What was started, a line each, for whoever started it.
  std::string Describe() const;
  // Ports taken; 0: no such listener.
  uint16_t https_port() const;
  uint16_t grpc_port() const;
  uint16_t admin_port() const;

 private:
  class Parts;
  explicit Serving(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace schotvrij::cli
