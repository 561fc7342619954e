// Peers: whom a call's certificate proves. Reading a certificate costs 110 µs, so the answer is remembered per certificate, for
// as long as the enrolment that gave it is in force.
//
//   std::shared_ptr<const Peer> peer = peers.Identify(*context->auth_context());
//   if (peer == nullptr) return Unauthenticated();
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "gateway/identity/enrolment.h"
#include "grpcpp/security/auth_context.h"

namespace schotvrij::rpc {

struct Peer {
  identity::Caller caller;
  std::shared_ptr<const identity::Enrolment> enrolment;  // that knew it
};

class Peers {
 public:
  using EnrolmentInForce = std::function<std::shared_ptr<const identity::Enrolment>()>;

  // `seen` may be null.
  explicit Peers(EnrolmentInForce enrolment, identity::CertificateSeen seen = nullptr)
      : enrolment_(std::move(enrolment)), seen_(std::move(seen)) {}

  // Null: no certificate, or one of nobody. Thread-safe.
  std::shared_ptr<const Peer> Identify(const grpc::AuthContext& context);

 private:
  const EnrolmentInForce enrolment_;
  const identity::CertificateSeen seen_;
  absl::Mutex mutex_;
  std::shared_ptr<const identity::Enrolment> of_ ABSL_GUARDED_BY(mutex_);
  // By the whole certificate, strangers too; emptied when it is full or the enrolment changes.
  absl::flat_hash_map<std::string, std::shared_ptr<const Peer>> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace schotvrij::rpc
