// Exposure: what of a registration got to whom, when it turns out that it should not have (datalek). It becomes a breach record in the
// Unit that takes it back, and what takes it back contains it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/road.h"
#include "gateway/store/store.h"
#include "gateway/telemetry/event.h"
#include "schotvrij/v1/breach.pb.h"

namespace schotvrij::exchange {

// AVG article 33(1): within these the controller tells the supervisor (Autoriteit Persoonsgegevens).
inline constexpr int64_t kBreachNoticeUs = int64_t{72} * 3600 * 1'000'000;

// Code of a value of the record (schemas/codes/breach.csv): "wrong-person"; empty: none.
std::string_view BreachCode(std::string_view value);

class Exposure {
 public:
  // Of the registration that `delivery_id` belongs to.
  static absl::StatusOr<Exposure> Open(const RoadParts& parts, const v1::Facts& facts, std::string_view delivery_id);

  // All that carries the registration or a step of it, the first first.
  const std::vector<store::Delivery>& deliveries() const { return deliveries_; }

  // Adds to `unit`, which takes the registration back and holds the withdrawals if there are any, its breach record. What lay in a
  // mailbox and was not taken over is contained by the Unit itself; the rest by the withdrawal to the same recipient. Nothing is added
  // when nothing got to anybody. `discovered_by`: exchange id of what says so. The unit relies on how far each delivery got.
  std::optional<telemetry::BreachOpened> Record(v1::BreachCause cause, std::string_view discovered_by, const EventFrame& frame,
                                                Random& random, store::Unit* unit) const;

 private:
  std::vector<store::Delivery> deliveries_;
  std::string sender_;
  std::vector<v1::BreachPlace> places_;  // of those that got to somebody
};

// Adds to `unit` that `delivery`, if it is a withdrawal, was taken over `at`, or after all was not (none).
void NoteTaken(const store::Delivery& delivery, std::optional<Instant> at, store::Unit* unit);

}  // namespace schotvrij::exchange
