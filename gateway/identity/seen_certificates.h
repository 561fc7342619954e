// SeenCertificates: by which client certificates participants made themselves known, and until when those are valid. The enrolment need
// not hold them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/identity/enrolment.h"

namespace schotvrij::identity {

class SeenCertificates {
 public:
  struct Seen {
    std::string participant;
    std::string sha256;
    Instant not_after;
  };

  // True when it is another than is known of the same holder and ends later: of certificates that overlap each will do. Thread-safe.
  bool Note(const Caller& caller, const PeerCertificate& certificate);
  // Of each holder, an organisation's system or one of its staff, the one that ends last. Thread-safe.
  std::vector<Seen> All() const;

 private:
  mutable absl::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Seen> seen_ ABSL_GUARDED_BY(mutex_);  // by participant and staff: what the enrolment has
};

}  // namespace schotvrij::identity
