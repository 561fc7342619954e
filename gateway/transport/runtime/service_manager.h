// ServiceManager: what the manager that started this process (systemd) is told, and the sockets it hands over. Without one,
// nothing is said and nothing handed over.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<ServiceManager> manager, ServiceManager::FromEnvironment());
//   int socket = manager->TakeSocket("https");   // FileDescriptorName= of a .socket unit
//   manager->Ready("policy set 0123456789abcdef");
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace schotvrij::runtime {

class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and LISTEN_FDS, the latter two when they are meant for this process. kInvalidArgument when
  // what was handed over is no listening stream socket, or two have one name. To be called before any thread begins.
  static absl::StatusOr<std::unique_ptr<ServiceManager>> FromEnvironment();
  ServiceManager(const ServiceManager&) = delete;
  // Closes the sockets that nobody took.
  ~ServiceManager();

  // How often at least it wants to hear Alive; 0: not at all.
  int64_t watchdog_us() const { return watchdog_us_; }
  // A listening socket of that name, which the caller closes; -1: none was handed over.
  int TakeSocket(const std::string& name);
  // Names of those that nobody took.
  std::vector<std::string> SocketsLeft() const;

  // Thread-safe. `status` is one line for the administrator, without personal data.
  void Ready(const std::string& status) const;
  void Reloading() const;
  void Stopping(const std::string& status) const;
  void Alive() const;

 private:
  ServiceManager() = default;
  int64_t watchdog_us_ = 0;
  std::map<std::string, int> sockets_;
};

}  // namespace schotvrij::runtime
