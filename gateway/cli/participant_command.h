// `schotvrij participant add|suspend|resume|rotate|replace|remove`: changes to the enrolment of a home. What is changed is checked
// as `serve` would, is in the file whole or not at all, and is then taken over by the running gateway.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

struct ParticipantEditOptions {
  std::string home;
  std::string key;
  std::string file;              // add, replace: holds one participant { ... }
  std::string certificate;       // rotate, file: a client certificate that proves it too
  std::string staff;             // rotate: whose the certificate is; empty: the organisation's system
  std::string retire;            // rotate: fingerprint of one that does no more
  std::string mail_certificate;  // rotate, file: what is encrypted for, and signed with, from now on
  bool force = false;            // remove: though a network names it
  bool no_reload = false;
};

int RunParticipantAdd(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err);
int RunParticipantReplace(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err);
int RunParticipantRemove(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err);
int RunParticipantSuspend(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err);
int RunParticipantResume(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err);
int RunParticipantRotate(const ParticipantEditOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
