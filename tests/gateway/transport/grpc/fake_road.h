// FakeRoad: a road of one mailbox, to see what the edge asks of it and what it makes of the answers.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gateway/exchange/road.h"
#include "tests/support/disclosures.h"

namespace schotvrij::test {

class FakeRoad final : public exchange::Road {
 public:
  struct Received {
    identity::Caller caller;
    exchange::Format format;
    std::string edge;
    std::string trace_id;
    v1::Exchange exchange;
  };

  FakeRoad() {
    answer.state = policy::Answer::State::kReceived;
    answer.message_id = "bericht-1";
    answer.network = std::string(kNetwork);
  }

  policy::Answer answer;           // to every message; set before the first call
  std::vector<Issue> acknowledge_issues;
  std::atomic<size_t> refusals_noted = 0;

  void NoteRefusal(const identity::Caller&, std::span<const Issue> issues, std::string_view) override {
    refusals_noted += issues.size();
  }
  void Receive(const exchange::Inbound& inbound, AnswerDone done) override {
    Received one{inbound.caller, inbound.format, inbound.edge, inbound.trace_id, {}};
    one.exchange.ParseFromArray(inbound.body.data(), static_cast<int>(inbound.body.size()));
    {
      absl::MutexLock lock(&mutex_);
      received_.push_back(std::move(one));
    }
    done(answer);
  }

  void MailReturned(ReturnedMail, absl::AnyInvocable<void(Returned)> done) override { done(Returned::kUnknown); }
  void ReadMailbox(MailboxRequest request, absl::AnyInvocable<void(MailboxPage)> done) override {
    MailboxPage page;
    {
      absl::MutexLock lock(&mutex_);
      if (holding_) {
        held_.emplace_back(std::move(request), std::move(done));
        return;
      }
      page = PageFor(request);
    }
    done(std::move(page));
  }

  void Acknowledge(AcknowledgeRequest request, absl::AnyInvocable<void(Acknowledged)> done) override {
    Acknowledged outcome{acknowledge_issues, 0};
    {
      absl::MutexLock lock(&mutex_);
      for (exchange::MailboxItem& item : items_) {
        const auto& ids = request.delivery_ids;
        if (item.acknowledged || std::find(ids.begin(), ids.end(), item.delivery_id) == ids.end()) continue;
        item.acknowledged = true;
        ++outcome.count;
      }
    }
    done(std::move(outcome));
  }

  void ReadDaySheet(DaySheetRequest, absl::AnyInvocable<void(DaySheetRead)> done) override { done({}); }
  std::unique_ptr<Watch> OnMail(std::string participant, absl::AnyInvocable<void()> wake) override {
    auto bell = std::make_shared<Bell>();
    bell->participant = std::move(participant);
    bell->wake = std::move(wake);
    absl::MutexLock lock(&mutex_);
    bells_.push_back(bell);
    return std::make_unique<Handle>(this, std::move(bell));
  }

  // Puts a registration of this BSN in the mailbox, or something that may not be shown any more, and rings.
  void Put(const std::string& id, const std::string& bsn) {
    v1::Exchange exchange;
    exchange.mutable_envelope()->set_message_id(id);
    exchange.mutable_client()->set_bsn(bsn);
    exchange.mutable_registration()->set_step(v1::REGISTER);
    Add({"delivery-" + id, "registration", false, false, false, {}, DiscloseAll(exchange)});
  }
  void PutWithheld(const std::string& id) { Add({"delivery-" + id, "registration", false, false, false, {}, policy::Withheld{}}); }

  void RefuseMailbox(std::vector<Issue> issues) {
    absl::MutexLock lock(&mutex_);
    mailbox_issues_ = std::move(issues);
  }

  // From now on pages are not given until Release.
  void Hold() {
    absl::MutexLock lock(&mutex_);
    holding_ = true;
  }
  void AwaitHeld(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto held = [&] { return held_.size() >= count; };
    mutex_.Await(absl::Condition(&held));
  }
  void Release() {
    std::vector<std::pair<MailboxRequest, absl::AnyInvocable<void(MailboxPage)>>> held;
    {
      absl::MutexLock lock(&mutex_);
      holding_ = false;
      held.swap(held_);
    }
    for (auto& [request, done] : held) {
      MailboxPage page;
      {
        absl::MutexLock lock(&mutex_);
        page = PageFor(request);
      }
      done(std::move(page));
    }
  }

  // Blocks until exactly so many streams listen for mail.
  void AwaitWatches(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&] { return bells_.size() == count; };
    mutex_.Await(absl::Condition(&reached));
  }

  std::vector<Received> received() const {
    absl::MutexLock lock(&mutex_);
    return received_;
  }
  std::vector<std::string> watched() const {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> participants;
    for (const auto& bell : bells_) participants.push_back(bell->participant);
    return participants;
  }
  // How many items were read, each time one was.
  size_t items_read() const {
    absl::MutexLock lock(&mutex_);
    return items_read_;
  }

 private:
  struct Bell {
    absl::Mutex ringing;
    std::string participant;
    absl::AnyInvocable<void()> wake;
  };
  class Handle final : public Watch {
   public:
    Handle(FakeRoad* road, std::shared_ptr<Bell> bell) : road_(road), bell_(std::move(bell)) {}
    ~Handle() override {
      absl::MutexLock lock(&road_->mutex_);
      std::erase(road_->bells_, bell_);
    }

   private:
    FakeRoad* const road_;
    const std::shared_ptr<Bell> bell_;
  };

  void Add(exchange::MailboxItem item) {
    std::vector<std::shared_ptr<Bell>> bells;
    {
      absl::MutexLock lock(&mutex_);
      items_.push_back(std::move(item));
      bells = bells_;
    }
    for (const auto& bell : bells) {
      absl::MutexLock lock(&bell->ringing);
      bell->wake();
    }
  }

  MailboxPage PageFor(const MailboxRequest& request) {
    MailboxPage page{.issues = mailbox_issues_};
    bool behind = request.after.empty();
    for (const exchange::MailboxItem& item : items_) {
      if (behind && page.items.size() < request.most && !(request.unacknowledged_only && item.acknowledged)) {
        page.items.push_back(item);
      }
      behind = behind || item.delivery_id == request.after;
    }
    items_read_ += page.items.size();
    if (!page.items.empty()) page.last = page.items.back().delivery_id;
    page.more = page.items.size() == request.most;
    return page;
  }

  mutable absl::Mutex mutex_;
  bool holding_ = false;
  std::vector<Issue> mailbox_issues_;
  size_t items_read_ = 0;
  std::vector<Received> received_;
  std::vector<exchange::MailboxItem> items_;
  std::vector<std::shared_ptr<Bell>> bells_;
  std::vector<std::pair<MailboxRequest, absl::AnyInvocable<void(MailboxPage)>>> held_;
};

}  // namespace schotvrij::test
