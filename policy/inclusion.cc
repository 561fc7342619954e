#include "policy/inclusion.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "policy/instrument.h"

namespace schotvrij::policy {
namespace {

using schotvrij::v1::Assessment;
using schotvrij::v1::AssessmentItem;
using schotvrij::v1::Attestation;
using schotvrij::v1::Registration;

class InclusionCheck {
 public:
  InclusionCheck(const v1::TargetGroup& group, const Registration& registration, CivilDate today,
                 std::vector<Issue>& issues)
      : group_(group), registration_(registration), today_(today), issues_(issues) {}

  void Run() {
    for (int i = 0; i < registration_.attestations_size(); ++i) {
      if (!IsKnown(registration_.attestations(i).criterion())) {
        Add("CRITERION-UNKNOWN", "attestations", i, "criterion");
      }
    }
    for (const v1::Criterion& criterion : group_.criterion()) {
      criterion.basis() == v1::Criterion::SCORED ? RunScored(criterion) : RunAttested(criterion);
    }
  }

 private:
  bool IsKnown(std::string_view key) const {
    return std::any_of(group_.criterion().begin(), group_.criterion().end(),
                       [&](const v1::Criterion& criterion) { return criterion.key() == key; });
  }

  // The only answer to `criterion` among `answers`, or -1 with an issue.
  template <typename Answers, typename Answer>
  int TheAnswer(const v1::Criterion& criterion, const Answers& answers, const char* list,
                Answer is_answer) {
    int answer = -1;
    for (int i = 0; i < answers.size(); ++i) {
      if (!is_answer(answers[i])) continue;
      if (answer >= 0) Add("CRITERION-TWICE", list, i, "criterion");
      if (answer < 0) answer = i;
    }
    if (answer < 0) {
      issues_.push_back(MakeIssue("CRITERION-MISSING", absl::StrCat("registration.", list),
                                  absl::StrCat("criterion ", criterion.key())));
    }
    return answer;
  }

  void RunAttested(const v1::Criterion& criterion) {
    const int i =
        TheAnswer(criterion, registration_.attestations(), "attestations",
                  [&](const Attestation& each) { return each.criterion() == criterion.key(); });
    if (i < 0) return;
    const Attestation& attestation = registration_.attestations(i);
    if (attestation.verdict() == schotvrij::v1::VERDICT_UNSPECIFIED) {
      Add("VERDICT-MISSING", "attestations", i, "verdict");
    }
    if (attestation.verdict() == schotvrij::v1::NOT_MET) {
      Add("VERDICT-NOT-MET", "attestations", i, "verdict");
    }
    const auto& versions = criterion.version();
    if (std::find(versions.begin(), versions.end(), attestation.criteria_version()) ==
        versions.end()) {
      Add("VERDICT-VERSION", "attestations", i, "criteria_version");
    }
    if (!IsRecent(attestation.checked_on(), criterion)) {
      Add("VERDICT-TOO-OLD", "attestations", i, "checked_on");
    }
    if (attestation.checker_function().empty()) {
      Add("VERDICT-CHECKER", "attestations", i, "checker_function");
    }
  }

  void RunScored(const v1::Criterion& criterion) {
    const int i = TheAnswer(
        criterion, registration_.assessments(), "assessments", [&](const Assessment& each) {
          return each.criterion() == criterion.key() ||
                 (each.criterion().empty() && each.instrument() == criterion.instrument());
        });
    if (i < 0) return;
    const Assessment& assessment = registration_.assessments(i);
    if (assessment.instrument() != criterion.instrument()) {
      Add("INSTRUMENT-UNKNOWN", "assessments", i, "instrument",
          absl::StrCat("asked for: ", criterion.instrument()));
      return;
    }
    CheckScore(criterion, assessment, i);
    if (!IsRecent(assessment.assessed_on(), criterion)) {
      Add("VERDICT-TOO-OLD", "assessments", i, "assessed_on");
    }
  }

  void CheckScore(const v1::Criterion& criterion, const Assessment& assessment, int i) {
    if (!assessment.has_score()) {
      Add("SCORE-MISSING", "assessments", i, "score");
      return;
    }
    std::optional<Instrument> instrument = FindInstrument(assessment.instrument());
    if (!instrument || !instrument->InRange(assessment.score())) {
      Add("SCORE-RANGE", "assessments", i, "score");
      return;
    }
    if (!ItemsAddUp(assessment)) Add("SCORE-SUM", "assessments", i, "items");
    if (assessment.score() < criterion.at_least()) {
      Add("SCORE-BELOW", "assessments", i, "score",
          absl::StrCat("at least ", criterion.at_least()));
    }
  }

  // Items without a score say nothing about the total.
  static bool ItemsAddUp(const Assessment& assessment) {
    const auto& items = assessment.items();
    if (items.empty() || !std::all_of(items.begin(), items.end(), [](const AssessmentItem& item) {
          return item.has_score();
        })) {
      return true;
    }
    int64_t sum = 0;
    for (const AssessmentItem& item : items) sum += item.score();
    return sum == assessment.score();
  }

  bool IsRecent(const std::string& date, const v1::Criterion& criterion) const {
    std::optional<CivilDate> day = CivilDate::Parse(date);
    if (!day || *day > today_) return false;
    return criterion.max_age_days() == 0 ||
           today_.DayNumber() - day->DayNumber() <= criterion.max_age_days();
  }

  void Add(const char* rule, const char* list, int index, const char* field,
           const std::string& detail = "") {
    issues_.push_back(
        MakeIssue(rule, absl::StrCat("registration.", list, "[", index, "].", field), detail));
  }

  const v1::TargetGroup& group_;
  const Registration& registration_;
  const CivilDate today_;
  std::vector<Issue>& issues_;
};

}  // namespace

void CheckInclusion(const v1::TargetGroup& group, const Registration& registration, CivilDate today,
                    std::vector<Issue>& issues) {
  InclusionCheck(group, registration, today, issues).Run();
}

}  // namespace schotvrij::policy
