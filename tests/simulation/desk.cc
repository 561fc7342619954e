#include "tests/simulation/desk.h"

#include <utility>

namespace schotvrij::simulation {
namespace {

constexpr std::pair<const char*, v1::RegistrationStep> kSteps[] = {{"meldt een cli", v1::REGISTER},
                                                                   {"wijzigt een aanmelding", v1::AMEND},
                                                                   {"trekt een aanmelding in", v1::WITHDRAW},
                                                                   {"aanmelding eindigt", v1::END},
                                                                   {"aanmelding geldt weer", v1::REOPEN}};

// What stands behind `label` at the beginning of a line; empty: there is no such line.
std::string Line(const std::string& letter, const std::string& label) {
  const std::string begin = "\n" + label + ": ";
  const size_t at = letter.find(begin);
  if (at == std::string::npos) return "";
  const size_t from = at + begin.size();
  return letter.substr(from, letter.find_first_of("\r\n", from) - from);
}

bool Leaves(v1::RegistrationStep step) { return step == v1::END || step == v1::WITHDRAW; }

}  // namespace

Told ToldBy(const v1::Exchange& item) {
  const v1::RegistrationStep step = item.registration().step();
  return {step == v1::REGISTRATION_STEP_UNSPECIFIED ? v1::REGISTER : step, item.registration().about(),
          item.envelope().sender(), item.client().bsn(), item.client().name().own_name()};
}

Told ToldBy(const std::string& letter) {
  Told told;
  for (const auto& [words, step] : kSteps) {
    if (letter.find(words) != std::string::npos) told.step = step;
  }
  told.about = Line(letter, "Gaat over bericht");
  told.sender = Line(letter, "Afzender");
  told.bsn = Line(letter, "BSN");
  const std::string name = Line(letter, "Geslachtsnaam");
  told.surname = name.substr(name.rfind(' ') + 1);
  return told;
}

void Desk::See(const std::string& delivery, Told told, bool kept) {
  const auto [message, first] = messages_.try_emplace(delivery);
  if (first) {
    order_.push_back(delivery);
    message->second.told = std::move(told);
  }
  message->second.kept |= kept;
}

void Desk::Lose(const std::string& delivery) { messages_[delivery].lost = true; }

void Desk::Answer(const std::string& delivery, bool accepted, bool erases) {
  Message& message = messages_[delivery];
  message.answered = true;
  message.accepted = accepted;
  if (erases) erased_.insert(RegistrationOf(delivery));
}

void Desk::Refuse(const std::string& delivery, bool unknown) { messages_[delivery].refused = unknown; }

const std::string& Desk::RegistrationOf(const std::string& delivery) const {
  const auto message = messages_.find(delivery);
  return message == messages_.end() || message->second.told.about.empty() ? delivery : message->second.told.about;
}

std::multiset<Participation> Desk::Clients() const {
  std::map<std::string, std::pair<bool, Participation>> participations;  // by registration: whether it holds, and what was said
  for (const std::string& delivery : order_) {
    const Message& message = messages_.at(delivery);
    if (!message.Counts()) continue;
    const Told& told = message.told;
    auto& [holds, participation] = participations[RegistrationOf(delivery)];
    if (Leaves(told.step)) {
      holds = false;
      if (told.step == v1::WITHDRAW) participation = {};
      continue;
    }
    holds |= told.step != v1::AMEND;
    participation = {told.sender, told.bsn, told.surname};
  }
  std::multiset<Participation> clients;
  for (const auto& [registration, each] : participations) {
    if (each.first && !erased_.contains(registration)) clients.insert(each.second);
  }
  return clients;
}

std::string Desk::FirstOrphan() const {
  std::set<std::string> seen;
  for (const std::string& delivery : order_) {
    const Message& message = messages_.at(delivery);
    seen.insert(delivery);
    // Of a registration that was an error only the withdrawal is shown; one that came to nothing never comes.
    const bool builds_on = message.told.step == v1::AMEND || message.told.step == v1::REOPEN;
    const bool comes_later = messages_.contains(message.told.about) && !seen.contains(message.told.about);
    if (builds_on && message.kept && comes_later) return delivery;
  }
  return "";
}

}  // namespace schotvrij::simulation
