#include "gateway/identity/seen_certificates.h"

namespace schotvrij::identity {

bool SeenCertificates::Note(const Caller& caller, const PeerCertificate& certificate) {
  absl::MutexLock lock(&mutex_);
  Seen& known = seen_[{caller.peer, caller.staff}];
  if (known.not_after >= certificate.not_after) return false;
  known = {caller.peer, certificate.sha256, certificate.not_after};
  return true;
}

std::vector<SeenCertificates::Seen> SeenCertificates::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Seen> all;
  for (const auto& [holder, seen] : seen_) all.push_back(seen);
  return all;
}

}  // namespace schotvrij::identity
