#include "gateway/exchange/doorbell.h"

#include <atomic>
#include <vector>

namespace schotvrij::exchange {

struct Doorbell::Listener {
  explicit Listener(Wake wake) : wake(std::move(wake)) {}
  Wake wake;
  std::atomic<bool> rung = false;  // and not yet woken: a second ring tells nothing new
};

struct Doorbell::Listeners {
  absl::Mutex mutex;
  std::multimap<std::string, std::shared_ptr<Listener>> of_participant ABSL_GUARDED_BY(mutex);
};

class Doorbell::Handle final : public Road::Watch {
 public:
  using Place = std::multimap<std::string, std::shared_ptr<Listener>>::iterator;

  Handle(std::shared_ptr<Listeners> listeners, Place place) : listeners_(std::move(listeners)), place_(place) {}
  ~Handle() override {
    absl::MutexLock lock(&listeners_->mutex);
    listeners_->of_participant.erase(place_);
  }

 private:
  std::shared_ptr<Listeners> listeners_;
  Place place_;
};

Doorbell::Doorbell(Executor* executor) : executor_(executor), listeners_(std::make_shared<Listeners>()) {}
Doorbell::~Doorbell() = default;

std::unique_ptr<Road::Watch> Doorbell::Listen(std::string participant, Wake wake) {
  absl::MutexLock lock(&listeners_->mutex);
  auto place = listeners_->of_participant.emplace(std::move(participant), std::make_shared<Listener>(std::move(wake)));
  return std::make_unique<Handle>(listeners_, place);
}

void Doorbell::RingFor(const std::string& participant) {
  std::vector<std::shared_ptr<Listener>> called;
  {
    absl::MutexLock lock(&listeners_->mutex);
    auto [first, last] = listeners_->of_participant.equal_range(participant);
    for (; first != last; ++first) {
      if (!first->second->rung.exchange(true)) called.push_back(first->second);
    }
  }
  for (std::shared_ptr<Listener>& listener : called) {
    executor_->Post([listener = std::move(listener)] {
      listener->rung = false;
      listener->wake();
    });
  }
}

void Doorbell::Ring(std::span<const store::Delivery> deliveries) {
  for (const store::Delivery& delivery : deliveries) {
    RingFor(delivery.state == store::DeliveryState::kAvailable ? delivery.recipient : kPusher);
  }
}

}  // namespace schotvrij::exchange
