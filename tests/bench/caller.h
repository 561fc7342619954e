// One connection of a provider's system: mutual TLS, kept open, one registration at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/cli/home.h"
#include "tests/bench/registrations.h"

namespace schotvrij::bench {

class Caller {
 public:
  virtual ~Caller() = default;
  // Makes the message, so that the clock does not run for what is the bench's own work.
  virtual void Prepare(const Registrations& registrations, uint64_t number) = 0;
  // Sends it and waits for the answer. Empty: received durably; else why not.
  virtual std::string Call() = 0;
};

// Throws std::runtime_error when there is no connection to be had.
std::unique_ptr<Caller> NewHttpsCaller(const cli::Home& home, const std::string& party);
std::unique_ptr<Caller> NewGrpcCaller(const cli::Home& home, const std::string& party);

std::string ReadFile(const std::string& file);

}  // namespace schotvrij::bench
