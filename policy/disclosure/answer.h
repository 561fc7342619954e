// Answer: what a caller is told about its own message: state, ids and Issues. It never depends on
// another participant's data. EncodedAnswer is an Answer
// or a return in the edge's own words.
//
// Echo: the sender's own stored wire message plus Issues, for returns that a standard fills with
// the sender's words; it names the one participant it may go to.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "schemas/base/issue.h"

namespace schotvrij::policy {

struct Answer {
  enum class State {
    kReceived,  // durable; what was asked is in effect or on its way
    kRefused,   // no effect; `issues` says why
  };

  State state = State::kRefused;
  std::string
      message_id;  // the gateway's id of the caller's message; empty when refused before it had one
  std::string network;
  std::vector<Issue> issues;
  std::string shape;          // Decoder::Shape of the message this answers
  int64_t retry_after_s = 0;  // > 0: transient, send the same again after so many seconds

  static Answer Refused(std::vector<Issue> issues) {
    return Answer{State::kRefused, "", "", std::move(issues), "", 0};
  }
};

// Made from what one participant sent itself; it may be sent back to that participant only.
class Echo {
 public:
  Echo(std::string sender, std::string wire, std::vector<Issue> issues)
      : sender_(std::move(sender)), wire_(std::move(wire)), issues_(std::move(issues)) {}
  const std::string& only_for() const { return sender_; }
  const std::string& wire() const { return wire_; }
  const std::vector<Issue>& issues() const { return issues_; }

 private:
  std::string sender_;
  std::string wire_;
  std::vector<Issue> issues_;
};

class EncodedAnswer {
 public:
  static EncodedAnswer From(const Answer&, std::string bytes, std::string media_type) {
    return EncodedAnswer(std::move(bytes), std::move(media_type));
  }
  // A return, in the words of whom it goes to: Echo::only_for.
  static EncodedAnswer From(const Echo&, std::string bytes, std::string media_type) {
    return EncodedAnswer(std::move(bytes), std::move(media_type));
  }
  const std::string& bytes() const { return bytes_; }
  const std::string& media_type() const { return media_type_; }

 private:
  EncodedAnswer(std::string bytes, std::string media_type)
      : bytes_(std::move(bytes)), media_type_(std::move(media_type)) {}
  std::string bytes_;
  std::string media_type_;
};

}  // namespace schotvrij::policy
