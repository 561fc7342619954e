#include "gateway/identity/enrolment.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/identity/enrolment_check.h"

namespace schotvrij::identity {
namespace {

using config::v1::Participant;
using config::v1::Peer;

// What a peer does not name, any certificate has; an entry that names nothing does not load.
bool Matches(const Peer& peer, const PeerCertificate& certificate) {
  auto same = [](const std::string& wanted, const std::string& seen) { return wanted.empty() || wanted == seen; };
  return same(peer.subject(), certificate.subject) && same(peer.uzi_ura(), certificate.uzi_ura) &&
         same(peer.oin(), certificate.oin) && same(peer.sha256(), certificate.sha256) &&
         (peer.san_uri().empty() || std::count(certificate.san_uris.begin(), certificate.san_uris.end(), peer.san_uri()));
}

// Of each entry that matches, the staff it names.
std::set<std::string> StaffProved(const PeerCertificate& certificate, const Participant& participant) {
  std::set<std::string> staff;
  for (const Peer& peer : participant.peer()) {
    if (Matches(peer, certificate)) staff.insert(peer.staff());
  }
  return staff;
}

// A vendor or service bureau is nobody in a network: it has no number and nothing is sent to it.
bool OnlyActsForOthers(const Participant& participant) {
  return participant.acts_for_size() > 0 && participant.identifier_size() == 0 && !participant.has_route();
}

}  // namespace

Enrolment::Enrolment(config::v1::Enrolment document, config::v1::Environment home) : document_(std::move(document)), home_(home) {
  for (const Participant& participant : document_.participant()) {
    by_key_[participant.key()] = &participant;
    for (const config::v1::Identifier& held : participant.identifier()) {
      by_identifier_[{held.system(), held.value()}] = &participant;
    }
  }
  for (const auto& [key, participant] : by_key_) keys_.push_back(key);
}

absl::StatusOr<std::shared_ptr<const Enrolment>> Enrolment::Create(config::v1::Enrolment document, config::v1::Environment home) {
  std::vector<DocumentFault> faults = CheckEnrolment(document);
  if (!faults.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(faults, "\n", [](std::string* out, const DocumentFault& fault) {
      absl::StrAppend(out, fault.path, ": ", fault.text);
    }));
  }
  return std::shared_ptr<const Enrolment>(new Enrolment(std::move(document), home));
}

absl::StatusOr<Caller> Enrolment::Identify(const PeerCertificate& certificate) const {
  if (home_ == config::v1::PRODUCTION && certificate.for_test) {
    return absl::UnauthenticatedError("the certificate is marked as of a test home, and this is a production home");
  }
  if (home_ == config::v1::TEST && !certificate.for_test) {
    return absl::UnauthenticatedError("the certificate is not marked as of a test home, and this is one");
  }
  const Participant* proven = nullptr;
  std::set<std::string> staff;
  for (const Participant& participant : document_.participant()) {
    std::set<std::string> here = StaffProved(certificate, participant);
    if (here.empty()) continue;
    if (proven != nullptr) {
      return absl::UnauthenticatedError(absl::StrCat("one certificate proves both ", proven->key(), " and ",
                                                     participant.key(), "; their peer entries must tell them apart"));
    }
    proven = &participant;
    staff = std::move(here);
  }
  if (proven == nullptr) return absl::UnauthenticatedError("the certificate proves no participant");
  if (staff.size() > 1) {
    return absl::UnauthenticatedError(absl::StrCat("peer entries of ", proven->key(), " take one certificate for both ",
                                                   absl::StrJoin(staff, " and "), "; they must tell its staff apart"));
  }
  Caller caller{.peer = proven->key(), .speaks_for = {}, .staff = *staff.begin()};
  if (!OnlyActsForOthers(*proven)) caller.speaks_for.push_back(proven->key());
  if (!caller.staff.empty()) return caller;
  caller.speaks_for.insert(caller.speaks_for.end(), proven->acts_for().begin(), proven->acts_for().end());
  return caller;
}

std::shared_ptr<const Enrolment> Enrolment::WithIncomplete(std::vector<std::string> keys) const {
  std::shared_ptr<Enrolment> known(new Enrolment(document_, home_));
  known->incomplete_ = std::move(keys);
  return known;
}

bool Enrolment::IsIncomplete(std::string_view key) const {
  return std::find(incomplete_.begin(), incomplete_.end(), key) != incomplete_.end();
}

const Participant* Enrolment::Find(std::string_view key) const {
  auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

const Participant* Enrolment::FindByIdentifier(const v1::PartyIdentifier& identifier) const {
  auto found = by_identifier_.find({identifier.system(), identifier.value()});
  return found == by_identifier_.end() ? nullptr : found->second;
}

}  // namespace schotvrij::identity
