#include "tests/simulation/provider.h"

#include "absl/strings/str_cat.h"

namespace schotvrij::simulation {
namespace {

constexpr int64_t kRepeatsLaterUsMax = 9'000'000;
constexpr int64_t kSoonDaysMax = 2;

}  // namespace

void Provider::Begin() {
  int64_t at_us = 0;
  for (uint32_t i = 0; i < workload_.provider().registrations(); ++i) {
    at_us += dice_.About(workload_.provider().gap_ms() * kMs);
    stage_.scheduler->After(Scheduler::kWorld, at_us, [this] { Register(); });
  }
  ReadNowAndThen();
}

Statement& Provider::NewStatement(size_t person) {
  Statement& statement = stage_.record->statements.emplace_back();
  statement.provider = name_;
  statement.person = person;
  return statement;
}

void Provider::Register() {
  const ProviderHabits& chances = workload_.provider();
  Statement& statement = NewStatement(dice_.Below(stage_.record->persons.size()));
  statement.municipality = kMunicipalities[dice_.Below(std::size(kMunicipalities))];
  statement.key = absl::StrCat(name_, "-", ++registrations_);
  if (dice_.PerMille(chances.invalid())) statement.fault = static_cast<Fault>(1 + dice_.Below(kFaults));
  const bool soon = dice_.PerMille(chances.consent_ends_soon());
  statement.consent = {absl::StrCat("consent-", statement.key), false, Today(),
                       Today().PlusDays(soon ? dice_.Between(0, kSoonDaysMax) : 365), statement.municipality};
  statement.body = Registration(stage_.record->persons[statement.person], name_, statement.municipality, statement.key,
                                statement.consent, statement.fault);
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
    if (answer.outcome == Edge::Outcome::kTransient) return;
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
    if (dice_.PerMille(chances.repeat())) Later([this, &statement] { Repeat(statement); });
    if (!statement.IsRegistration()) return;
    if (dice_.PerMille(chances.other_content())) Later([this, &statement] { SayOtherContent(statement); });
    if (answer.outcome != Edge::Outcome::kAccepted) return;
    if (dice_.PerMille(chances.withdraws())) Later([this, &statement] { Withdraw(statement); });
    if (dice_.PerMille(chances.takes_back())) Later([this, &statement] { TakeBack(statement); });
  };
  stage_.talkers->Say(std::move(speech));
}

void Provider::Repeat(Statement& statement) {
  Talkers::Speech speech;
  speech.participant = name_;
  speech.body = statement.body;
  const bool known = !statement.exchange_id.empty();
  speech.left = [this, &statement, known](const Edge::Answer& answer) {
    if (answer.outcome == Edge::Outcome::kTransient) return;
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
  other.body = Registration(stage_.record->persons[other.person], name_, other.municipality, other.key, other.consent,
                            other.fault);
  Say(other);
}

void Provider::TakeBack(const Statement& about) {
  Statement& step = NewStatement(about.person);
  step.municipality = about.municipality;
  step.key = absl::StrCat(about.key, "-back");
  step.takes_back = &about;
  step.body = TakingBack(stage_.record->persons[about.person], name_, about.municipality, step.key, about.key);
  Say(step);
  Register();
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
  stage_.scheduler->After(Scheduler::kWorld, dice_.Between(0, kRepeatsLaterUsMax), [this, work = std::move(work)]() mutable {
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
