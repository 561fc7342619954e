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
#include "gateway/transport/runtime/service_manager.h"
#include "schemas/base/limits.h"

namespace schotvrij::cli {

struct ServingOptions {
  int64_t grace_us = limits::kStopGraceUs;     // for requests that were begun when the gateway stops
  runtime::ServiceManager* manager = nullptr;  // told how it goes, asked for sockets; outlives the gateway
};

class Serving {
 public:
  // Reads and checks everything before anything listens. The status text has a line per fault.
  // `log_file` empty: the log goes to standard error.
  static absl::StatusOr<std::unique_ptr<Serving>> Start(const std::string& config_file,
                                                        const std::string& log_file = "", ServingOptions options = {});
  // Stops.
  ~Serving();

  // Reads policy and enrolment again; all of it is put in force, or nothing. Listeners, keys and store keep what they have.
  http::ReloadOutcome Reload();
  // Takes no new work, finishes what was begun, writes a last checkpoint. A second call does nothing. What took no end within
  // the grace is cut off, which loses nothing that was answered; mail under way has limits::kMailGraceUs more.
  void Stop();
  // Ends the grace now. Thread-safe, while another thread is in Stop.
  void Hurry();

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
