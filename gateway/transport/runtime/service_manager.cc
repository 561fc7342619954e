#include "gateway/transport/runtime/service_manager.h"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace schotvrij::runtime {
namespace {

// Nobody who listens: nothing happens.
void Notify(const std::string& state) { (void)sd_notify(/*unset_environment=*/0, state.c_str()); }

}  // namespace

absl::StatusOr<std::unique_ptr<ServiceManager>> ServiceManager::FromEnvironment() {
  std::unique_ptr<ServiceManager> manager(new ServiceManager());
  if (uint64_t us = 0; sd_watchdog_enabled(0, &us) > 0) manager->watchdog_us_ = static_cast<int64_t>(us);
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(/*unset_environment=*/1, &names);
  absl::Status status;
  for (int i = 0; i < count; ++i) {
    const std::string name = names[i];
    const int fd = SD_LISTEN_FDS_START + i;
    if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, /*listening=*/1) <= 0) {
      status.Update(absl::InvalidArgumentError(
          absl::StrCat("the socket handed over as ", name, " is no listening stream socket; see ListenStream= of its unit")));
      close(fd);
    } else if (!manager->sockets_.emplace(name, fd).second) {
      status.Update(absl::InvalidArgumentError(
          absl::StrCat("two sockets were handed over as ", name, "; give each unit another FileDescriptorName=")));
      close(fd);
    }
    std::free(names[i]);
  }
  std::free(names);
  if (!status.ok()) return status;
  return manager;
}

ServiceManager::~ServiceManager() {
  for (const auto& [name, fd] : sockets_) close(fd);
}

int ServiceManager::TakeSocket(const std::string& name) {
  const auto found = sockets_.find(name);
  if (found == sockets_.end()) return -1;
  const int fd = found->second;
  sockets_.erase(found);
  return fd;
}

std::vector<std::string> ServiceManager::SocketsLeft() const {
  std::vector<std::string> names;
  for (const auto& [name, fd] : sockets_) names.push_back(name);
  return names;
}

void ServiceManager::Ready(const std::string& status) const { Notify(absl::StrCat("READY=1\nSTATUS=", status)); }

void ServiceManager::Reloading() const {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  Notify(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void ServiceManager::Stopping(const std::string& status) const { Notify(absl::StrCat("STOPPING=1\nSTATUS=", status)); }

void ServiceManager::Alive() const { Notify("WATCHDOG=1"); }

}  // namespace schotvrij::runtime
