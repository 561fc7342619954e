#include "gateway/transport/mail/smtp_queue.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "schemas/base/limits.h"

namespace schotvrij::mail {

using exchange::DeliveryOutcome;
using SteadyClock = std::chrono::steady_clock;

SmtpQueue::SmtpQueue(MailServer server) : server_(std::move(server)) {
  for (size_t i = 0; i < limits::kMailSenders; ++i) senders_.emplace_back([this] { RunSender(); });
}

SmtpQueue::~SmtpQueue() {
  std::deque<Job> left;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    stop_at_ns_ =
        (SteadyClock::now() + std::chrono::microseconds(limits::kMailGraceUs)).time_since_epoch().count();
    left.swap(queue_);
  }
  for (Job& job : left) std::move(job.done)({DeliveryOutcome::Kind::kTransient, "shutting-down"});
  for (std::thread& sender : senders_) sender.join();
}

void SmtpQueue::Add(Job job) {
  std::string_view refusal;
  {
    absl::MutexLock lock(&mutex_);
    refusal = stopping_ ? "shutting-down" : queue_.size() >= limits::kMailQueueMax ? "mail-queue-full" : "";
    if (refusal.empty()) queue_.push_back(std::move(job));
  }
  if (!refusal.empty()) std::move(job.done)({DeliveryOutcome::Kind::kTransient, std::string(refusal)});
}

void SmtpQueue::RunSender() {
  SmtpSession session(server_, [this] {
    const int64_t stop_at_ns = stop_at_ns_;
    return stop_at_ns != 0 && SteadyClock::now().time_since_epoch().count() > stop_at_ns;
  });
  while (true) {
    Job job;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &SmtpQueue::HasWorkOrStops));
      if (stopping_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    std::variant<std::string, DeliveryOutcome> message = job.write();
    if (auto* refusal = std::get_if<DeliveryOutcome>(&message)) {
      std::move(job.done)(std::move(*refusal));
    } else {
      std::move(job.done)(session.Submit(job.from, job.to, std::get<std::string>(message)));
    }
  }
}

}  // namespace schotvrij::mail
