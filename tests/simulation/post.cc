#include "tests/simulation/post.h"

#include <algorithm>

namespace schotvrij::simulation {
namespace {

using Kind = exchange::DeliveryOutcome::Kind;

constexpr int64_t kSilenceUs = 6'000'000;  // after which the sender itself gives up
constexpr int64_t kMomentUs = 500'000;     // from the decision to send, over its commit, to the sending

}  // namespace

void Post::GoOut(const std::string& recipient, int64_t lasts_us) {
  stage_.journal->Tell("the mail server of ", recipient, " is out for ", lasts_us / 60'000'000, " minutes");
  back_us_[recipient] = stage_.scheduler->now_us() + lasts_us;
}

Post::Turn Post::Draw(const std::string& recipient) {
  const auto back = back_us_.find(recipient);
  if (!diligent_ && back != back_us_.end() && stage_.scheduler->now_us() < back->second) {
    stage_.journal->Count("sent in an outage");
    return Turn::kTransient;
  }

  const uint32_t weights[] = {habits_.accepts(),         habits_.transient(),       habits_.permanent(),
                              habits_.kept_but_denied(), habits_.kept_and_silent(), habits_.never_ends()};
  uint64_t sum = 0;
  for (const uint32_t weight : weights) sum += weight;
  if (diligent_ || sum == 0) return Turn::kAccepts;
  uint64_t drawn = dice_.Below(sum);
  for (size_t i = 0; i < std::size(weights); ++i) {
    if (drawn < weights[i]) return static_cast<Turn>(i);
    drawn -= weights[i];
  }
  return Turn::kAccepts;
}

void Post::Send(const policy::Encoded& encoded, const config::v1::Participant& recipient,
                const v1::FrozenDelivery& frozen, Done done) {
  if (disk_->dead()) return;
  const int64_t now_us = stage_.scheduler->now_us();
  const size_t letter = stage_.record->letters.size();
  const std::string delivery_id = encoded.disclosure_ids().front();
  stage_.record->letters.push_back({recipient.key(), delivery_id, "", std::max<int64_t>(now_us - kMomentUs, 0), now_us,
                                    encoded.bytes(), frozen.mail_message_id(), static_cast<size_t>(gateway_),
                                    disk_->failures()});
  stage_.record->taken_over.try_emplace(delivery_id, Taken{now_us - kMomentUs, now_us});
  stage_.journal->Count("sent");
  const Turn turn = Draw(recipient.key());
  const bool kept = turn == Turn::kAccepts || turn == Turn::kKeptButDenied || turn == Turn::kKeptAndSilent;
  const bool silent = turn == Turn::kKeptAndSilent || turn == Turn::kNeverEnds;
  stage_.journal->Tell("letter ", delivery_id, " to ", recipient.key(), ", turn ", static_cast<int>(turn));
  if (kept) {
    stage_.scheduler->After(Scheduler::kWorld, dice_.Between(0, 50 * kMs),
                            [this, key = recipient.key(), delivery_id, text = encoded.bytes()] { keep_(key, delivery_id, text); });
  }
  const Kind said = turn == Turn::kAccepts     ? Kind::kAccepted
                    : turn == Turn::kPermanent ? Kind::kPermanent
                                               : Kind::kTransient;
  const int64_t takes_us = silent ? kSilenceUs : dice_.About(habits_.takes_ms() * kMs);
  stage_.scheduler->After(gateway_, takes_us, [this, letter, said, done = std::move(done)]() mutable {
    stage_.record->mail_reports.push_back(
        {letter, stage_.scheduler->now_us(), said == Kind::kAccepted, said == Kind::kPermanent, disk_->failures()});
    std::move(done)({said, said == Kind::kAccepted ? "" : "smtp-451"});
  });
}

}  // namespace schotvrij::simulation
