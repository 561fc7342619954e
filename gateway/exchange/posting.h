// Posting: puts a decided message before its recipients. The same for what a participant sends and for the Receipts that the
// road itself writes: rehearse, freeze, add the rows to one Unit.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/admission.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/road.h"
#include "gateway/telemetry/event.h"

namespace schotvrij::exchange {

// How a participant is reached.
enum class Reach { kNowhere, kMailbox, kMail };
Reach ReachOf(const config::v1::Participant* participant);

// In the format of the recipient's route; a letter says how to answer it where that can be done by mail, and of an ending whether the
// client still takes part for who reads it (participation.h). kFailedPrecondition when the Disclosure lacks what the format cannot do
// without.
absl::StatusOr<policy::Encoded> EncodeFor(const config::v1::Participant* recipient, const policy::Disclosure& disclosure,
                                          bool takes_part);

// Name of the message's content in the schema: "registration".
std::string ContentType(const v1::Exchange& exchange);

// Tells the operator that a delivery reached a stage.
void RecordStage(telemetry::Ledger& ledger, telemetry::DeliveryStage stage, const store::Delivery& delivery,
                 std::string_view reason = "");

// For the deliveries of a committed unit: rings for each, and tells of those that now lie in a mailbox.
void Announce(const RoadParts& parts, std::span<const store::Delivery> deliveries);

struct Posting {
  std::string exchange_id;
  std::string client_id;
  std::string batch_id;                   // empty: a message by itself
  std::vector<std::string> delivery_ids;  // in the order of the decision's recipients
};

// Adds exchange, deliveries and their audit events to `unit`. Issues when a recipient cannot be reached or the rehearsal shows
// that nothing would leave; `unit` is then not to be committed.
class Poster {
 public:
  // kLater: part of a batch, which puts it before its recipient only once it is in effect.
  enum class Shown { kNow, kLater };

  Poster(const RoadParts& parts, const Standing& standing, const ClientFile& file, Instant now,
         Shown shown = Shown::kNow)
      : parts_(parts), standing_(standing), file_(file), now_(now), shown_(shown) {}

  std::vector<Issue> Post(const v1::Exchange& exchange, const policy::Decision& decision, const EventFrame& frame,
                          store::Unit* unit, Posting* posting);

 private:
  std::vector<Issue> PostTo(const v1::Exchange& exchange, const policy::Recipient& recipient, const EventFrame& frame,
                            store::Unit* unit, Posting* posting);

  const RoadParts& parts_;
  const Standing& standing_;
  const ClientFile& file_;
  Instant now_;
  Shown shown_;
};

}  // namespace schotvrij::exchange
