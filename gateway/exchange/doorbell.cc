#include "gateway/exchange/doorbell.h"

#include <vector>

namespace schotvrij::exchange {

struct Doorbell::Listeners {
  absl::Mutex mutex;
  std::multimap<std::string, std::shared_ptr<Wake>> wakes ABSL_GUARDED_BY(mutex);
};

class Doorbell::Handle final : public Road::Watch {
 public:
  using Place = std::multimap<std::string, std::shared_ptr<Wake>>::iterator;

  Handle(std::shared_ptr<Listeners> listeners, Place place) : listeners_(std::move(listeners)), place_(place) {}
  ~Handle() override {
    absl::MutexLock lock(&listeners_->mutex);
    listeners_->wakes.erase(place_);
  }

 private:
  std::shared_ptr<Listeners> listeners_;
  Place place_;
};

Doorbell::Doorbell(Executor* executor) : executor_(executor), listeners_(std::make_shared<Listeners>()) {}
Doorbell::~Doorbell() = default;

std::unique_ptr<Road::Watch> Doorbell::Listen(std::string participant, Wake wake) {
  absl::MutexLock lock(&listeners_->mutex);
  auto place = listeners_->wakes.emplace(std::move(participant), std::make_shared<Wake>(std::move(wake)));
  return std::make_unique<Handle>(listeners_, place);
}

void Doorbell::RingFor(const std::string& participant) {
  std::vector<std::shared_ptr<Wake>> woken;
  {
    absl::MutexLock lock(&listeners_->mutex);
    auto [first, last] = listeners_->wakes.equal_range(participant);
    for (; first != last; ++first) woken.push_back(first->second);
  }
  for (std::shared_ptr<Wake>& wake : woken) {
    executor_->Post([wake = std::move(wake)] { (*wake)(); });
  }
}

void Doorbell::Ring(std::span<const store::Delivery> deliveries) {
  for (const store::Delivery& delivery : deliveries) {
    RingFor(delivery.state == store::DeliveryState::kAvailable ? delivery.recipient : kPusher);
  }
}

}  // namespace schotvrij::exchange
