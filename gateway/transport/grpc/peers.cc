#include "gateway/transport/grpc/peers.h"

#include <optional>
#include <string_view>
#include <vector>

#include "grpc/grpc_security_constants.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"

namespace schotvrij::rpc {
namespace {

std::shared_ptr<const Peer> Read(std::string_view pem, std::shared_ptr<const identity::Enrolment> enrolment,
                                 const identity::CertificateSeen& seen) {
  absl::StatusOr<identity::PeerCertificate> certificate = identity::ReadCertificatePem(pem);
  if (!certificate.ok()) return nullptr;
  absl::StatusOr<identity::Caller> caller = enrolment->Identify(*certificate);
  if (!caller.ok()) return nullptr;
  if (seen != nullptr) seen(*caller, *certificate);
  return std::make_shared<const Peer>(Peer{*std::move(caller), std::move(enrolment)});
}

}  // namespace

std::shared_ptr<const Peer> Peers::Identify(const grpc::AuthContext& context) {
  if (!context.IsPeerAuthenticated()) return nullptr;
  const std::vector<grpc::string_ref> values = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (values.size() != 1) return nullptr;
  const std::string_view pem(values[0].data(), values[0].size());
  std::shared_ptr<const identity::Enrolment> enrolment = enrolment_();
  {
    absl::MutexLock lock(&mutex_);
    if (of_ != enrolment || known_.size() >= limits::kPeersCachedMax) {
      known_.clear();
      of_ = enrolment;
    }
    if (auto found = known_.find(ToAbsl(pem)); found != known_.end()) return found->second;
  }
  std::shared_ptr<const Peer> peer = Read(pem, enrolment, seen_);
  absl::MutexLock lock(&mutex_);
  if (of_ == enrolment) known_[std::string(pem)] = peer;
  return peer;
}

}  // namespace schotvrij::rpc
