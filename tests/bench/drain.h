// The municipality's system: watches its mailbox and acknowledges what came, as fast as it can.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/cli/home.h"
#include "grpcpp/client_context.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::bench {

class Drain {
 public:
  Drain(const cli::Home& home, const std::string& party);
  // Ends the stream and waits for both threads.
  ~Drain();

  uint64_t acknowledged() const { return acknowledged_; }
  // Waits until so many were acknowledged; false: the stream or a call failed before.
  bool WaitFor(uint64_t count);

 private:
  void Watch();
  void Acknowledge();

  std::unique_ptr<v1::MailboxService::Stub> stub_;
  grpc::ClientContext watching_;
  std::atomic<uint64_t> acknowledged_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;
  bool ended_ = false;
  std::thread watcher_;
  std::thread acknowledger_;
};

}  // namespace schotvrij::bench
