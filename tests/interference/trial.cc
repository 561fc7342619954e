#include "tests/interference/trial.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "schemas/base/strings.h"
#include "tests/gateway/exchange/world.h"
#include "tests/interference/tables.h"

namespace schotvrij::interference {
namespace {

using Kind = Change::Kind;

constexpr char kPlaceholder[] = "put-the-delivery-id-here";
constexpr size_t kShownBytes = 400;
constexpr size_t kShortBytes = 3;  // so short a text stands in others as well
constexpr char kMailKey[] = "header(message-id)";

Slot SlotNamed(std::string_view word) {
  if (word == "consent") return Slot::kConsent;
  if (word == "step") return Slot::kStep;
  if (word == "answer") return Slot::kAnswer;
  if (word == "hold") return Slot::kHold;
  if (word == "withdrawal") return Slot::kWithdrawal;
  if (word == "expiry") return Slot::kExpiry;
  if (word == "message") return Slot::kMessage;
  if (word == "order") return Slot::kOrder;
  EXPECT_EQ(word, "registration");
  return Slot::kRegistration;
}

bool IsBeside(const Change& change) {
  return change.kind == Kind::kHeader || change.kind == Kind::kTarget;
}

// What is seen from the sender's message on until the other provider says its own of the same
// client.
View OwnPart(const View& view) {
  return {std::find(view.begin(), view.end(), kSendersTurn),
          std::find(view.begin(), view.end(), kOthersTurn)};
}

View Substituted(View view, const Change& change) {
  for (std::string& line : view) line = absl::StrReplaceAll(line, {{change.old, change.value}});
  return view;
}

std::string PartyOf(To to, const Plot& plot) {
  return to == To::kSpeaker ? SpeakerOf(plot) : ListenerOf(plot);
}

// What decoders pass over: all of one object together, and all of one kind.
std::vector<std::vector<const Change*>> PassedOver(const std::vector<Change>& changes) {
  std::map<std::string, std::vector<const Change*>> groups;
  for (const Change& change : changes) {
    if (change.kind != Kind::kInsert || !change.taken) continue;
    const size_t last = change.place.rfind('/');
    groups["at " + change.place.substr(0, last)].push_back(&change);
    groups["of " + (change.place[last + 1] == '_' ? "_" : change.place.substr(last))].push_back(
        &change);
  }
  std::vector<std::vector<const Change*>> all;
  for (auto& [name, group] : groups) all.push_back(std::move(group));
  return all;
}

}  // namespace

std::string Difference(const View& expected, const View& seen) {
  const size_t lines = std::max(expected.size(), seen.size());
  for (size_t i = 0; i < lines; ++i) {
    const std::string a = i < expected.size() ? expected[i] : "nothing";
    const std::string b = i < seen.size() ? seen[i] : "nothing";
    if (a == b) continue;
    const size_t at = static_cast<size_t>(
        std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    const size_t from = at > kShownBytes / 2 ? at - kShownBytes / 2 : 0;
    return absl::StrCat("line ", i, " (", a.substr(0, a.find(':')), "):\n  expected …",
                        a.substr(from, kShownBytes), "\n  seen     …",
                        b.substr(std::min(from, b.size()), kShownBytes));
  }
  return "";
}

Trial::Trial(const Setting& setting, const Table::Row& format, const std::string& municipality)
    : setting_(setting),
      format_(format["format"]),
      call_(format["call"]),
      media_type_(format["media_type"]),
      plot_{SlotNamed(format["slot"]), municipality},
      without_(Play(setting, plot_, std::nullopt)) {
  const std::string code((*ReadTable("parties.csv").Find("key", municipality))["value"]);
  const CivilDate today = TodayInAmsterdam(exchange::TestClock().Now());
  const std::string baseline =
      absl::StrReplaceAll(ReadSource(std::string(format["baseline"])),
                          {{"0228", code},
                           {"\"ede\"", absl::StrCat("\"", std::string(format["network"]), "\"")},
                           {"2026-11-16", today.ToString()},
                           {"2027-11-15", today.PlusDays(365).ToString()},
                           {kPlaceholder, without_.delivery_id}});
  constexpr std::pair<std::string_view, decltype(&NewJsonSource)> kForms[] = {
      {"json", NewJsonSource}, {"xml", NewXmlSource}, {"protobuf", NewProtobufSource}, {"text", NewTextSource}};
  for (const auto& [form, make] : kForms) {
    if (format["form"] == form) source_ = make(format_, baseline);
  }
  changes_ = source_->Changes();
  AddChangesBeside();
  with_ = Play(setting, plot_, MessageWith({}));
}

void Trial::AddChangesBeside() {
  if (call_ == "grpc") return;
  for (const std::string& field : FieldsBeside(format_)) {
    if (call_ == "mail" && field != kMailKey) continue;  // the others are fields of HTTP
    Change change{.kind = field == "target" ? Kind::kTarget : Kind::kHeader,
                  .field = field,
                  .place = field,
                  .value = "",
                  .old = ""};
    AddSettings(RowOf(format_, field), std::move(change), {}, &changes_);
  }
}

Message Trial::MessageWith(std::span<const Change* const> changes) const {
  Message message;
  std::vector<const Change*> inside;
  for (const Change* change : changes) {
    if (!IsBeside(*change)) inside.push_back(change);
    // Whom the municipality writes about, it also looks up as who has others' registrations.
    const bool names_client = change->old == kSendersClient && change->to == To::kListener && plot_.slot != Slot::kOrder;
    if (names_client) message.bsn = change->value;
  }
  message.body = source_->With(inside);
  if (call_ == "grpc") return message;
  if (call_ == "mail") {
    message.mail_key = "mail-1";
    for (const Change* change : changes) {
      if (change->kind == Kind::kHeader) message.mail_key = change->value;
    }
    return message;
  }
  const size_t blank = call_.find(' ');
  message.method = call_.substr(0, blank);
  message.target =
      absl::StrReplaceAll(call_.substr(blank + 1), {{"{delivery}", without_.delivery_id}});
  std::map<std::string, std::string> headers = {{"content-type", media_type_}};
  for (const Change* change : changes) {
    if (change->kind == Kind::kTarget)
      message.target = absl::StrReplaceAll(change->value, {{"{target}", message.target}});
    if (change->kind == Kind::kHeader)
      headers[change->field.substr(7, change->field.size() - 8)] = change->value;
  }
  for (const auto& [name, value] : headers) message.headers.push_back({name, value});
  return message;
}

std::string Trial::FaultOfShared(const Change& change, const Views& seen) const {
  const std::string may_see = PartyOf(change.to, plot_);
  for (const auto& [party, view] : seen.of) {
    const View& before = with_.of.at(party);
    if (party != may_see) {
      if (std::string difference = Difference(WithoutIds(before), WithoutIds(view));
          !difference.empty()) {
        return absl::StrCat(party, " saw what is for ", may_see, " only, ", difference);
      }
    } else if (change.taken && view == before) {
      return absl::StrCat(party, " saw nothing of it, and it is shared");
    } else if (change.taken && change.old.size() > kShortBytes && change.old.size() == change.value.size()) {
      // It and nothing but it.
      const View expected = WithoutIds(Substituted(OwnPart(before), change));
      if (std::string difference = Difference(expected, WithoutIds(OwnPart(view)));
          !difference.empty()) {
        return absl::StrCat(party, " saw more of it than its value, ", difference);
      }
    }
  }
  return "";
}

std::string Trial::FaultOfTaken(std::span<const Change* const> changes, const Views& seen) const {
  for (const Change* change : changes) {
    if (change->to != To::kNobody) return FaultOfShared(*change, seen);
  }
  for (const auto& [party, view] : seen.of) {
    if (std::string difference = Difference(with_.of.at(party), view); !difference.empty()) {
      return absl::StrCat(party, " saw something of it, ", difference);
    }
  }
  return "";
}

Views Trial::Seen(std::span<const Change* const> changes) const {
  return Play(setting_, plot_, MessageWith(changes));
}

std::string Trial::Fault(std::span<const Change* const> changes) const {
  const Views seen = Seen(changes);
  const std::string fault =
      seen.accepted ? FaultOfTaken(changes, seen) : "it was refused: " + seen.refused_for;
  if (fault.empty() || std::all_of(changes.begin(), changes.end(),
                                   [](const Change* change) { return change->taken; })) {
    return fault;
  }
  // Refused, or without effect, is as if it was never sent, for all but who sent it.
  for (const auto& [party, view] : seen.of) {
    if (party == SpeakerOf(plot_)) continue;
    if (std::string difference = Difference(WithoutIds(without_.of.at(party)), WithoutIds(view));
        !difference.empty()) {
      return absl::StrCat(party, " saw something of what had no effect, ", difference);
    }
  }
  return "";
}

void Trial::Add(std::span<const Change* const> changes, std::vector<std::string>* faults) const {
  const std::string fault = Fault(changes);
  if (fault.empty()) return;
  std::vector<std::string> told;
  for (const Change* change : changes) told.push_back(Told(*change));
  faults->push_back(absl::StrCat(format_, " to ", plot_.municipality, ": ", fault, "\nwith ",
                                 absl::StrJoin(told, "; ")));
}

std::vector<std::string> Trial::Faults(int rounds) const {
  std::vector<std::string> faults;
  for (const Change& change : changes_) {
    const bool grouped = change.kind == Kind::kInsert && change.taken;
    const Change* one[] = {&change};
    if (!grouped) Add(one, &faults);
  }
  for (const std::vector<const Change*>& group : PassedOver(changes_)) {
    std::vector<std::string> together;
    Add(group, &together);
    if (together.empty()) continue;
    const size_t before = faults.size();
    for (const Change* change : group) Add({{change}}, &faults);
    if (faults.size() == before) faults.insert(faults.end(), together.begin(), together.end());
  }
  std::mt19937_64 dice(1);
  for (int round = 0; round < rounds; ++round) {
    std::vector<const Change*> drawn;
    std::set<std::string> places;
    for (const Change& change : changes_) {
      const bool silent = change.taken && change.to == To::kNobody;
      if (silent && dice() % 4 == 0 && places.insert(change.place).second) drawn.push_back(&change);
    }
    // What changes a value in many places goes before what changes one of them.
    std::stable_partition(drawn.begin(), drawn.end(),
                          [](const Change* change) { return change->kind == Kind::kEverywhere; });
    Add(drawn, &faults);
  }
  return faults;
}

}  // namespace schotvrij::interference
