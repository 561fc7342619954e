// Record: what was seen from outside during a run: by providers, by recipients and by the operator. All that the observer's
// judgement rests on, beside what the store holds afterwards.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/exchange/road.h"
#include "tests/simulation/desk.h"
#include "tests/simulation/messages.h"
#include "tests/simulation/parties.h"

namespace schotvrij::simulation {

// One message of a provider, however often it was sent.
struct Statement {
  std::string provider;
  std::string municipality;  // empty: a consent by itself
  size_t person = 0;
  std::string key;  // empty: a consent, whose key follows from what it says
  v1::RegistrationStep step = v1::REGISTER;
  const Statement* about = nullptr;  // the registration, of a later step
  std::string surname;               // that it tells, if any
  std::string end_date;              // likewise
  ConsentSaid consent;
  Fault fault = Fault::kNone;
  std::string body;

  int64_t first_sent_us = -1;
  int64_t acknowledged_us = -1;  // the answer left the gateway
  std::string exchange_id;       // as acknowledged
  bool IsConsent() const { return municipality.empty(); }
  // It brings the client's word along.
  bool HasConsent() const { return !Leaves(); }
  bool IsRegistration() const { return !IsConsent() && about == nullptr; }
  // The registration that this withdraws as an error.
  const Statement* takes_back() const { return step == v1::WITHDRAW ? about : nullptr; }
  // It says that somebody leaves, and names nobody.
  bool Leaves() const { return step == v1::WITHDRAW || step == v1::END; }
  const Statement& registration() const { return about == nullptr ? *this : *about; }
  // As it stands in the body.
  ConsentSaid ConsentAsWritten() const {
    ConsentSaid written = consent;
    written.withdrawn = consent.withdrawn || fault == Fault::kWithdrawn;
    if (fault == Fault::kExpired) written.last_day = kNoDay;
    return written;
  }
};

// A refusal that left the gateway.
struct Refusal {
  std::string trace_id;
  std::vector<std::string> rules;
};

// Something personal, or a receipt, that a participant was shown or sent.
struct Shown {
  std::string recipient;
  std::string delivery_id;
  std::string trace_id;  // of the read; empty: by mail
  int64_t asked_us = 0;  // of the read; by mail: a moment before it was sent
  int64_t shown_us = 0;
  std::string plaintext;  // of a letter; else the item's exchange, as bytes
  std::string message_id;  // of a letter
  size_t gateway = 0;      // number of the gateway's start
  uint64_t disk_failures = 0;  // that it had met when it sent a letter
};

// What a mail server reported of a letter.
struct MailReport {
  size_t shown = 0;  // its place in Record::letters
  int64_t at_us = 0;
  bool accepted = false;
  bool permanent = false;
  uint64_t disk_failures = 0;  // that the gateway had met by then
};

struct AnswerGiven {
  std::string recipient;
  std::string delivery_id;
  bool accepted = false;
  bool erases = false;
  std::string exchange_id;
};

// A recipient took a delivery over, or was sent it: between these moments.
struct Taken {
  int64_t asked_us = 0;
  int64_t heard_us = -1;  // -1: it never heard that it was taken
};

// From when on which documents and which time were in force.
struct Epoch {
  int64_t from_us = 0;
  const Policy* policy = nullptr;
  const Enrolled* enrolled = nullptr;
  int64_t wall_minus_now_us = 0;
};

// The day in Amsterdam.
CivilDate DayAt(int64_t wall_us);

struct Record {
  std::vector<Person> persons;
  std::deque<Statement> statements;  // a deque: they are pointed to
  std::vector<Refusal> refusals;
  std::vector<Shown> items;    // of mailboxes
  std::vector<Shown> letters;  // in the order in which they were sent
  std::vector<MailReport> mail_reports;
  std::vector<AnswerGiven> answers;  // acknowledged ones
  std::map<std::string, std::string> acknowledgements;  // trace id → delivery id, of those that counted
  std::vector<Epoch> epochs;
  std::vector<std::string> chains;  // of gateways, in the order of their starts
  std::map<std::string, Taken> taken_over;  // by delivery
  std::map<std::string, Desk> desks;  // of municipalities

  // Whether `holds` at some moment of the period.
  bool AtSomeMoment(int64_t from_us, int64_t until_us, const std::function<bool(const Epoch&, CivilDate)>& holds) const;
};

}  // namespace schotvrij::simulation
