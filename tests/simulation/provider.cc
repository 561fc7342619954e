#include "tests/simulation/provider.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace schotvrij::simulation {
namespace {

constexpr int64_t kSoonDaysMax = 2;
constexpr const char* kEndReasons[] = {"died", "wlz", "moved", "consent-withdrawn", "not-in-group"};

// Nobody speaks for it for the time being, whatever it said before.
bool IsSuspended(const Edge::Answer& answer) {
  return std::ranges::find(answer.rules, "CALLER-SUSPENDED") != answer.rules.end();
}

}  // namespace

void Provider::Begin() {
  int64_t at_us = 0;
  for (uint32_t i = 0; i < workload_.provider().registrations(); ++i) {
    at_us += dice_.About(workload_.provider().gap_ms() * kMs);
    stage_.scheduler->After(Scheduler::kWorld, at_us, [this] { Register(AnyMunicipality()); });
  }
  ReadNowAndThen();
}

Statement& Provider::NewStatement(size_t person) {
  Statement& statement = stage_.record->statements.emplace_back();
  statement.provider = name_;
  statement.person = person;
  return statement;
}

std::string Provider::AnyMunicipality() { return kMunicipalities[dice_.Below(workload_.municipalities())]; }

void Provider::Register(const std::string& municipality) {
  const ProviderHabits& chances = workload_.provider();
  Statement& statement = NewStatement(dice_.Below(stage_.record->persons.size()));
  statement.municipality = municipality;
  statement.key = absl::StrCat(name_, "-", ++said_);
  statement.surname = stage_.record->persons[statement.person].surname;
  if (dice_.PerMille(chances.invalid())) statement.fault = static_cast<Fault>(1 + dice_.Below(kFaults));
  const bool soon = dice_.PerMille(chances.consent_ends_soon());
  statement.consent = {absl::StrCat("consent-", statement.key), false, Today(),
                       Today().PlusDays(soon ? dice_.Between(0, kSoonDaysMax) : 365), statement.municipality};
  statement.body = Registration(stage_.record->persons[statement.person], name_, statement.municipality, statement.key,
                                statement.consent, statement.fault, CriteriaOn(Today()));
  Say(statement);
}

void Provider::Say(Statement& statement) {
  stage_.journal->Tell(name_, " says ", statement.IsConsent() ? statement.consent.id : statement.key,
                       statement.consent.withdrawn ? " withdrawn" : "", " of person ", statement.person, " to ",
                       statement.municipality, statement.fault == Fault::kNone ? "" : ", wrongly");
  Talkers::Speech speech;
  speech.participant = name_;
  speech.body = statement.body;
  speech.patience_ms = workload_.provider().impatient_ms();
  speech.sent = [this, &statement] {
    if (statement.first_sent_us < 0) statement.first_sent_us = stage_.scheduler->now_us();
  };
  speech.left = [this, &statement](const Edge::Answer& answer) {
    const bool known = !statement.exchange_id.empty();
    if (answer.outcome == Edge::Outcome::kTransient || IsSuspended(answer)) return;
    if (known && answer.exchange_id != statement.exchange_id) {
      stage_.journal->Violation("the same message got another answer: ", name_, " ", statement.key, statement.consent.id);
    }
    if (answer.outcome != Edge::Outcome::kAccepted) return;
    if (known) return stage_.journal->Count("repeated");
    statement.exchange_id = answer.exchange_id;
    statement.acknowledged_us = stage_.scheduler->now_us();
    // An earlier consent may still stand where the one that came along does not.
    const bool may_pass = statement.fault == Fault::kNone || statement.fault == Fault::kWithdrawn || statement.fault == Fault::kExpired;
    if (!may_pass) stage_.journal->Violation("a message that is wrong was accepted: ", statement.key);
  };
  speech.done = [this, &statement](const Edge::Answer& answer) {
    const ProviderHabits& chances = workload_.provider();
    const bool accepted = answer.outcome == Edge::Outcome::kAccepted;
    if (dice_.PerMille(chances.repeat())) Later([this, &statement] { Repeat(statement); });
    if (statement.IsConsent()) return;
    // Where an end is refused, it had ended.
    const bool ended = statement.step == v1::END || (statement.step == v1::REOPEN && !accepted);
    if (statement.step == v1::WITHDRAW && accepted) return;
    if (statement.about != nullptr) return LiveOn(*statement.about, !ended);
    if (dice_.PerMille(chances.other_content())) Later([this, &statement] { SayOtherContent(statement); });
    if (!accepted) return;
    if (dice_.PerMille(chances.withdraws())) Later([this, &statement] { Withdraw(statement); });
    LiveOn(statement, /*open=*/true);
  };
  stage_.talkers->Say(std::move(speech));
}

void Provider::Repeat(Statement& statement) {
  Talkers::Speech speech;
  speech.participant = name_;
  speech.body = statement.body;
  const bool known = !statement.exchange_id.empty();
  speech.left = [this, &statement, known](const Edge::Answer& answer) {
    if (answer.outcome == Edge::Outcome::kTransient || IsSuspended(answer)) return;
    if (!known && answer.outcome == Edge::Outcome::kAccepted && statement.exchange_id.empty()) {
      statement.exchange_id = answer.exchange_id;  // what was refused at first may be accepted later
      statement.acknowledged_us = stage_.scheduler->now_us();
    } else if (!statement.exchange_id.empty() && answer.exchange_id != statement.exchange_id) {
      stage_.journal->Violation("a repeat got another answer: ", name_, " ", statement.key, statement.consent.id);
    } else if (known) {
      stage_.journal->Count("repeated");
    }
  };
  stage_.talkers->Say(std::move(speech));
}

void Provider::SayOtherContent(const Statement& statement) {
  Statement& other = NewStatement((statement.person + 1) % stage_.record->persons.size());
  other.municipality = statement.municipality;
  other.key = statement.key;
  other.consent = statement.consent;
  other.consent.id += "-other";
  other.surname = stage_.record->persons[other.person].surname;
  other.body = Registration(stage_.record->persons[other.person], name_, other.municipality, other.key, other.consent,
                            other.fault, CriteriaOn(Today()));
  Say(other);
}

void Provider::LiveOn(const Statement& registration, bool open) {
  const ProviderHabits& chances = workload_.provider();
  if (!open) {
    if (dice_.PerMille(chances.reopens())) Later([this, &registration] { Change(registration, v1::REOPEN); });
  } else if (dice_.PerMille(chances.takes_back())) {
    Later([this, &registration] { TakeBack(registration); });
  } else if (dice_.PerMille(chances.ends())) {
    Later([this, &registration] { End(registration); });
  } else if (dice_.PerMille(chances.amends())) {
    Later([this, &registration] { Change(registration, v1::AMEND); });
  }
}

Statement& Provider::NewStep(const Statement& about, v1::RegistrationStep step, const char* suffix) {
  Statement& statement = NewStatement(about.person);
  statement.municipality = about.municipality;
  statement.key = absl::StrCat(about.key, suffix, ++said_);
  statement.step = step;
  statement.about = &about;
  return statement;
}

void Provider::Change(const Statement& about, v1::RegistrationStep step) {
  Statement& change = NewStep(about, step, step == v1::AMEND ? "-amend-" : "-reopen-");
  change.consent = {absl::StrCat("consent-", change.key), false, Today(), Today().PlusDays(365), about.municipality};
  Person person = stage_.record->persons[about.person];
  if (step == v1::AMEND) person.surname.back() = static_cast<char>('a' + dice_.Below(26));
  change.surname = person.surname;
  const std::string whole = Registration(person, name_, about.municipality, change.key, change.consent, Fault::kNone, CriteriaOn(Today()));
  change.body = AsStep(whole, step, about.key);
  Say(change);
}

void Provider::End(const Statement& about) {
  Statement& end = NewStep(about, v1::END, "-end-");
  const char* reason = kEndReasons[dice_.Below(std::size(kEndReasons))];
  end.body = Ending(stage_.record->persons[about.person], name_, about.municipality, end.key, about.key, Today(), reason);
  end.end_date = Today().ToString();
  Say(end);
}

void Provider::TakeBack(const Statement& about) {
  Statement& step = NewStep(about, v1::WITHDRAW, "-back-");
  step.body = TakingBack(stage_.record->persons[about.person], name_, about.municipality, step.key, about.key);
  Say(step);
  Register(about.municipality);
}

void Provider::Withdraw(const Statement& about) {
  Statement& withdrawal = NewStatement(about.person);
  withdrawal.consent = {about.consent.id, true, Today(), Today(), dice_.PerMille(500) ? about.municipality : ""};
  if (dice_.PerMille(workload_.provider().narrows())) {
    const bool first = about.municipality == kMunicipalities[0];
    withdrawal.consent = {about.consent.id, false, Today(), Today().PlusDays(100), kMunicipalities[first ? 1 : 0]};
  }
  withdrawal.body = ConsentAlone(stage_.record->persons[about.person], withdrawal.consent);
  Say(withdrawal);
  if (!dice_.PerMille(workload_.provider().gives_again())) return;
  Later([this, &about] { GiveAgain(about); });
}

void Provider::GiveAgain(const Statement& about) {
  Statement& given = NewStatement(about.person);
  given.consent = {about.consent.id, false, Today(), Today().PlusDays(100), dice_.PerMille(500) ? about.municipality : ""};
  given.body = ConsentAlone(stage_.record->persons[about.person], given.consent);
  Say(given);
}

void Provider::ReadNowAndThen() {
  const int64_t each_us = workload_.provider().reads_mailbox_ms() * kMs;
  stage_.scheduler->After(Scheduler::kWorld, dice_.About(each_us), [this] {
    Read(/*all=*/false);
    ReadNowAndThen();
  });
}

void Provider::Finish() {
  finishing_ = true;
  Read(/*all=*/true);
}

// At the end nothing new is begun.
void Provider::Later(Scheduler::Work work) {
  stage_.scheduler->After(Scheduler::kWorld, dice_.Between(0, workload_.provider().later_ms() * kMs), [this, work = std::move(work)]() mutable {
    if (!finishing_) work();
  });
}

void Provider::Read(bool all) {
  stage_.edge->Read(name_, all, "", [this](std::vector<Edge::Item> items) {
    for (const Edge::Item& item : items) {
      if (!item.acknowledged) stage_.edge->Acknowledge(name_, item.delivery_id, [](bool) {});
    }
  });
}

}  // namespace schotvrij::simulation
