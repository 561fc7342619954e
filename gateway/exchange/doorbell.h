// Doorbell: tells those who wait that something new lies before them. It carries no message; whoever is woken looks in the
// store. A lost ring costs time, never a message.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "gateway/exchange/road.h"
#include "gateway/store/store.h"
#include "schemas/base/runtime.h"

namespace schotvrij::exchange {

class Doorbell {
 public:
  using Wake = absl::AnyInvocable<void()>;

  // Wakes are posted to `executor`, which must outlive this.
  explicit Doorbell(Executor* executor);
  ~Doorbell();

  // Calls `wake` after each ring for `participant`, until the handle is gone. A wake that is under way then may still run.
  std::unique_ptr<Road::Watch> Listen(std::string participant, Wake wake);

  // Rings for every delivery of a committed unit: its recipient when it lies in a mailbox, else the pusher.
  void Ring(std::span<const store::Delivery> deliveries);
  // Who is rung for deliveries that are pushed; the dispatcher.
  static constexpr const char* kPusher = "";
  // A batch became whole.
  void RingForBatches() { RingFor(kBatches); }
  static constexpr const char* kBatches = "/batches";  // no key of a participant

 private:
  class Handle;
  struct Listener;
  struct Listeners;
  void RingFor(const std::string& participant);

  Executor* executor_;
  std::shared_ptr<Listeners> listeners_;  // shared with handles, which may outlive the bell
};

}  // namespace schotvrij::exchange
