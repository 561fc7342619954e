// Non-interference: within one verdict nobody can tell two messages apart by anything that is not
// shared with them.
#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/fhir/fhir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"
#include "tests/interference/leak.h"
#include "tests/interference/tables.h"
#include "tests/interference/trial.h"

namespace schotvrij::interference {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kRounds = 25;
constexpr size_t kFaultsShown = 20;

const Setting& Shipped() {
  static const auto* setting = new Setting(Setting::Of());
  return *setting;
}

std::vector<std::string> Cells(const char* table, const char* column) {
  std::vector<std::string> cells;
  for (const Table::Row& row : ReadTable(table).rows()) cells.emplace_back(row[column]);
  return cells;
}

std::vector<std::string> Municipalities() {
  std::vector<std::string> keys;
  for (const Table::Row& row : ReadTable("parties.csv").rows()) {
    if (row["role"] == "municipality") keys.emplace_back(row["key"]);
  }
  return keys;
}

Trial TrialOf(const Setting& setting, const std::string& format, const std::string& municipality) {
  return Trial(setting, *ReadTable("formats.csv").Find("format", format), municipality);
}

// What each format is played to: a message of the Wmo to a municipality with a mailbox, for by mail none goes.
std::vector<std::tuple<std::string, std::string>> Plays() {
  std::vector<std::tuple<std::string, std::string>> plays;
  for (const Table::Row& format : ReadTable("formats.csv").rows()) {
    for (const std::string& municipality : Municipalities()) {
      const Table::Row& party = *ReadTable("parties.csv").Find("key", municipality);
      if (format["network"] == "wmo" && !(party["mail"].empty() && party["relay"].empty())) continue;
      plays.emplace_back(format["format"], municipality);
    }
  }
  return plays;
}

class InterferenceTest : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  Trial Subject() const {
    return TrialOf(Shipped(), std::get<0>(GetParam()), std::get<1>(GetParam()));
  }
};

TEST_P(InterferenceTest, NobodySeesMoreOfAMessageThanIsSharedWithThem) {
  const Trial trial = Subject();
  ASSERT_TRUE(trial.with().accepted) << trial.with().refused_for;
  const std::vector<std::string> faults = trial.Faults(kRounds);
  for (size_t i = 0; i < std::min(faults.size(), kFaultsShown); ++i) ADD_FAILURE() << faults[i];
  EXPECT_THAT(faults, IsEmpty()) << faults.size();
}

// All but what the other provider is known to tell (README.md): what a client's withdrawal refuses it, and that its own mail about a
// client under a hold is under way.
View ButWhatIsKnown(const Plot& plot, const std::string& party, View view) {
  if (party != "zorggroep") return view;
  const auto turn = std::find(view.begin(), view.end(), kOthersTurn);
  const auto is_sheet = [](const std::string& line) { return line.starts_with("day sheet: "); };
  if (plot.slot == Slot::kWithdrawal) view.erase(turn, view.end());
  if (plot.slot == Slot::kHold && plot.municipality != "gemeente-ede") view.erase(std::remove_if(turn, view.end(), is_sheet), view.end());
  return view;
}

TEST_P(InterferenceTest, WhoNeitherSentNorGotItCannotTellThatItWasThere_R9) {
  const Trial trial = Subject();
  for (const auto& [party, view] : trial.with().of) {
    if (party == SpeakerOf(trial.plot()) || party == ListenerOf(trial.plot())) continue;
    const auto seen = [&, &key = party](const View& whole) {
      return WithoutIds(ButWhatIsKnown(trial.plot(), key, whole));
    };
    EXPECT_EQ(Difference(seen(trial.without().of.at(party)), seen(view)), "") << party;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, InterferenceTest,
                         testing::ValuesIn(Plays()),
                         [](const auto& info) {
                           std::string name =
                               absl::StrCat(std::get<0>(info.param), "_", std::get<1>(info.param));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(InterferenceTables, EachFieldOfTheTableStandsInAMessage) {
  std::set<int> met;
  for (const std::string& format : Cells("formats.csv", "format")) {
    const Trial trial = TrialOf(Shipped(), format, "gemeente-ede");
    for (const Change& change : trial.changes()) {
      if (const Table::Row* row = FindRow(format, change.field)) met.insert(row->line());
    }
  }
  for (const Table::Row& row : ReadTable("fields.csv").rows())
    EXPECT_THAT(met, Contains(row.line())) << row["field"];
}

// What is counted up: another score of the same verdict is another score of its items.
TEST(InterferenceVerdicts, WhichScoreWasEnoughIsNotSeen) {
  for (const std::string& municipality : Municipalities()) {
    const Trial trial = TrialOf(Shipped(), "fhir-collection", municipality);
    std::vector<Change> changes;
    for (const Change& change : trial.changes()) {
      if (change.field != "Observation(gfi).valueInteger" &&
          change.field != "Observation(gfi).component(gfi-1).valueInteger")
        continue;
      if (change.kind == Change::Kind::kSet && change.value > change.old) changes.push_back(change);
    }
    ASSERT_EQ(changes.size(), 2u) << "the sum, and one that it is of";
    EXPECT_TRUE(trial.Seen({{&changes[0], &changes[1]}}).accepted);
    EXPECT_EQ(trial.Fault({{&changes[0], &changes[1]}}), "");
  }
}

// Other verdicts than that of the baseline, that a consent can be said to have.
const Change kNoConsent[] = {
    {.field = "Consent.status", .place = "/status", .value = "inactive", .old = "active"},
    {.field = "Consent.status", .place = "/status", .value = "rejected", .old = "active"},
    {.field = "Consent.status", .place = "/status", .value = "entered-in-error", .old = "active"},
    {.field = "Consent.provision.type",
     .place = "/provision/type",
     .value = "deny",
     .old = "permit"},
};

TEST(InterferenceVerdicts, WhyAConsentIsNoMoreIsNotSeen) {
  for (const std::string& municipality : Municipalities()) {
    const Trial trial = TrialOf(Shipped(), "fhir-consent", municipality);
    std::vector<Views> seen;
    for (const Change& change : kNoConsent) seen.push_back(trial.Seen({{&change}}));
    EXPECT_NE(seen.front().of.at(municipality), trial.with().of.at(municipality))
        << "what was there may be seen no more";
    for (const Views& views : seen) {
      EXPECT_TRUE(views.accepted) << views.refused_for;
      for (const auto& [party, view] : views.of) {
        if (party == SpeakerOf(trial.plot())) continue;
        EXPECT_EQ(Difference(seen.front().of.at(party), view), "") << party;
      }
    }
  }
}

TEST(InterferenceVerdicts, ARecipientIsToldOfAnEndWhenTheConsentEnds) {
  const auto end = Contains(HasSubstr(R"("code":"end")"));
  for (const char* format : {"fhir-withdrawal", "canonical-expiry"}) {
    for (const std::string& municipality : Municipalities()) {
      const Trial trial = TrialOf(Shipped(), format, municipality);
      EXPECT_THAT(trial.with().of.at(municipality), end) << format << " " << municipality;
      EXPECT_THAT(trial.without().of.at(municipality), Not(end)) << format << " " << municipality;
    }
  }
}

// A client's denial or withdrawal counts whoever passed it on. What the other provider then hears
// tells of nobody else: it is the answer to a registration without any consent.
TEST(InterferenceVerdicts, AWithdrawalThatAnotherPassedOnAnswersAsIfThereHadBeenNoConsent) {
  const Trial trial = TrialOf(Shipped(), "fhir-consent", "gemeente-ede");
  const View seen = trial.Seen({{&kNoConsent[0]}}).of.at("zorggroep");
  EXPECT_NE(seen, trial.with().of.at("zorggroep"));
  exchange::World world(Shipped().enrolment, Shipped().rules);
  std::string registration = absl::StrReplaceAll(world.Example(), {{"00000001", "00000002"}});
  const size_t entry = registration.find(R"("resourceType": "Consent")");
  registration.replace(entry, sizeof R"("resourceType": "Consent")" - 1,
                       R"("resourceType": "Organization")");
  const policy::Answer without = world.Receive("zorggroep", registration);
  EXPECT_THAT(seen, Contains(HasSubstr(fhir::EncodeAnswer(without).bytes())));
  EXPECT_THAT(exchange::Rules(without), testing::ElementsAre("CONSENT-MISSING"));
}

// Each fault names the field it came from.
void ExpectFoundOnlyAt(const std::string& field, const std::vector<std::string>& faults) {
  EXPECT_THAT(faults, Not(IsEmpty()));
  for (const std::string& fault : faults) EXPECT_THAT(fault, HasSubstr(field));
}

TEST(InterferenceControl, OnePathTooManyInThePolicyIsFound) {
  const Setting leaky = Setting::Of("client.birth_date");
  ExpectFoundOnlyAt("Patient.birthDate", TrialOf(leaky, "fhir-bundle", "gemeente-ede").Faults(0));
  ExpectFoundOnlyAt("client.birth_date", TrialOf(leaky, "canonical", "gemeente-west").Faults(0));
}

TEST(InterferenceControl, AnEncoderThatKnowsMoreThanItsDisclosureIsFound) {
  const Leak leak;
  EXPECT_THAT(TrialOf(Shipped(), "canonical", "gemeente-west").Faults(0),
              Contains(HasSubstr("gemeente-west saw something of it")));
}

}  // namespace
}  // namespace schotvrij::interference
