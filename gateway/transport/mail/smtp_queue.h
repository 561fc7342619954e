// SmtpQueue: the messages that wait for one SMTP server, and the threads that bring them there, each with one connection that is
// kept for the next message. A server that is slow or away holds up nobody else's.
//
//   SmtpQueue queue(server);
//   queue.Add({from, to, [] { return std::string("From: ..."); }, done});
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "gateway/exchange/outbound.h"
#include "gateway/transport/mail/smtp_session.h"

namespace schotvrij::mail {

class SmtpQueue {
 public:
  struct Job {
    std::string from;  // plain addresses (message.h)
    std::string to;
    // The whole message, or why there is none. Called on a thread of the queue.
    absl::AnyInvocable<std::variant<std::string, exchange::DeliveryOutcome>()> write;
    exchange::Outbound::Done done;
  };

  explicit SmtpQueue(MailServer server);
  // Hands back what is queued as transient, and lets what is being sent finish for limits::kMailGraceUs.
  ~SmtpQueue();

  // Returns at once. At most limits::kMailQueueMax wait; one more is handed back as transient.
  void Add(Job job);

 private:
  void RunSender();
  bool HasWorkOrStops() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  const MailServer server_;
  std::atomic<int64_t> stop_at_ns_ = 0;  // monotonic; 0: not stopping
  absl::Mutex mutex_;
  std::deque<Job> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> senders_;
};

}  // namespace schotvrij::mail
