#include "policy/consent.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "policy/representation.h"

namespace schotvrij::policy {
namespace {

using schotvrij::v1::Consent;
using schotvrij::v1::ConsentFact;

constexpr std::string_view kMessageConsents = "registration.consents";
// After every date: a denial without a full date counts as the newest word.
constexpr std::string_view kNoDay = "9999-99-99";

// One consent as it was recorded, oldest first.
struct Record {
  const Consent* consent;
  std::string_view from;  // participant that sent it
  int index = -1;         // place in the message; negative: from the facts
};

bool IsNegative(const Consent& consent) {
  return consent.state() == schotvrij::v1::CONSENT_WITHDRAWN ||
         consent.decision() == schotvrij::v1::DENY;
}

bool IsDirective(const Consent& consent) {
  return consent.scope() == schotvrij::v1::TREATMENT ||
         consent.scope() == schotvrij::v1::ADVANCE_DIRECTIVE;
}

bool SaysByWhomAndWhen(const Consent& consent) {
  return consent.given_by() != schotvrij::v1::CONSENT_GIVER_UNSPECIFIED &&
         CivilDate::Parse(consent.given_on());
}

std::string_view DayOf(const Consent& consent) {
  return CivilDate::Parse(consent.given_on()) ? std::string_view(consent.given_on()) : kNoDay;
}

// Whether both are of one consent: the id is its sender's own.
bool IsSame(const Record& a, const Record& b) {
  return !a.consent->consent_id().empty() && a.consent->consent_id() == b.consent->consent_id() &&
         a.from == b.from;
}

void AddRecord(const Record& record, std::vector<Record>& records) {
  auto same = std::find_if(records.begin(), records.end(),
                           [&](const Record& each) { return IsSame(each, record); });
  if (same == records.end()) {
    records.push_back(record);
  } else if (Replaces(*record.consent, *same->consent)) {
    *same = record;
  }
}

// Whether the facts took over what this message said. Its registration stays among them also when
// each of its consents has been replaced there.
bool TookOver(const schotvrij::v1::Facts& facts, const std::string& message_id) {
  return !message_id.empty() && std::any_of(facts.registrations().begin(),
                                            facts.registrations().end(), [&](const auto& fact) {
                                              return fact.exchange_id() == message_id;
                                            });
}

std::vector<Record> Gather(const ConsentQuery& query) {
  const schotvrij::v1::Envelope& envelope = query.exchange.envelope();
  std::vector<Record> records;
  for (const ConsentFact& fact : query.facts.consents()) {
    AddRecord({&fact.consent(), fact.received_from()}, records);
  }
  if (TookOver(query.facts, envelope.message_id())) return records;
  const auto& consents = query.exchange.registration().consents();
  for (int i = 0; i < consents.size(); ++i) {
    AddRecord({&consents[i], envelope.sender(), i}, records);
  }
  return records;
}

// A denial or withdrawal that names no purpose is meant for every one.
bool CoversPurpose(const Consent& consent, schotvrij::v1::Purpose purpose) {
  if (consent.purposes().empty()) return IsNegative(consent);
  return std::find(consent.purposes().begin(), consent.purposes().end(), purpose) !=
         consent.purposes().end();
}

bool Names(const Consent& consent, std::string_view recipient) {
  return std::find(consent.recipients().begin(), consent.recipients().end(), recipient) !=
         consent.recipients().end();
}

bool CoversRecipient(const Consent& consent, std::string_view recipient) {
  return consent.recipients().empty() || Names(consent, recipient);
}

// A withdrawal has no end; a permit or denial holds from the day it was given, inside its own
// period.
bool HoldsOn(const Consent& consent, CivilDate today) {
  if (consent.state() == schotvrij::v1::CONSENT_WITHDRAWN) return true;
  if (IsNegative(consent)) return InPeriod(today, "", consent.valid_until());
  return InPeriod(today, consent.given_on(), "") &&
         InPeriod(today, consent.valid_from(), consent.valid_until());
}

// What one record means for the question.
enum class Meaning {
  kNothing,  // for another network, a draft, or another party's permit
  kDirective,
  kForm,
  kPurpose,
  kRepresentative,
  kCapacity,
  kRepresented,
  kExpired,
  kHolds,
};

// By Meaning: the reason when nothing better was found. A more precise one is further down.
constexpr std::string_view kReasons[] = {
    "CONSENT-MISSING",        "CONSENT-DIRECTIVE", "CONSENT-FORM",        "CONSENT-PURPOSE",
    "CONSENT-REPRESENTATIVE", "CONSENT-CAPACITY",  "CONSENT-REPRESENTED", "CONSENT-EXPIRED"};

Meaning MeaningOf(std::string_view reason) {
  const auto* found = std::find(std::begin(kReasons), std::end(kReasons), reason);
  return static_cast<Meaning>(found - std::begin(kReasons));
}

Meaning MeaningOf(const Record& record, const ConsentQuery& query) {
  const Consent& consent = *record.consent;
  const bool own = record.from == query.exchange.envelope().sender();
  if (!IsNegative(consent) && !own) return Meaning::kNothing;
  if (IsDirective(consent)) return own ? Meaning::kDirective : Meaning::kNothing;
  if (consent.network() != "" && consent.network() != query.exchange.envelope().network()) {
    return IsNegative(consent) ? Meaning::kNothing : Meaning::kPurpose;
  }
  const bool covers = consent.scope() == schotvrij::v1::PRIVACY &&
                      CoversPurpose(consent, query.purpose) &&
                      CoversRecipient(consent, query.recipient);
  if (IsNegative(consent)) {
    return covers && HoldsOn(consent, query.today) ? Meaning::kHolds : Meaning::kNothing;
  }
  if (consent.state() != schotvrij::v1::CONSENT_ACTIVE ||
      consent.decision() != schotvrij::v1::PERMIT) {
    return Meaning::kNothing;
  }
  if (!covers) return Meaning::kPurpose;
  if (!SaysByWhomAndWhen(consent)) return Meaning::kForm;
  const std::string_view fault = RepresentationFault(consent, query.avg);
  if (!fault.empty()) return MeaningOf(fault);
  return HoldsOn(consent, query.today) ? Meaning::kHolds : Meaning::kExpired;
}

using Weight = std::tuple<bool, std::string_view, bool>;

// Who withdraws and names nobody takes back what was said for each recipient by name, too.
bool WithdrawsForAll(const Consent& consent) {
  return consent.state() == schotvrij::v1::CONSENT_WITHDRAWN && consent.recipients().empty();
}

Weight WeightOf(const Record& record, std::string_view recipient) {
  const Consent& consent = *record.consent;
  return {Names(consent, recipient) || WithdrawsForAll(consent), DayOf(consent),
          IsNegative(consent)};
}

bool IsOfRepresentation(Meaning reason) {
  return reason >= Meaning::kRepresentative && reason <= Meaning::kRepresented;
}

std::string PathOf(const Record* record, Meaning reason) {
  if (record == nullptr || record->index < 0) return std::string(kMessageConsents);
  return absl::StrCat("registration.consents[", record->index, "]",
                      IsOfRepresentation(reason) ? ".representation.kind" : "");
}

ConsentFinding Refusal(std::string_view rule, const Record* record) {
  return {false, "", std::string(rule), PathOf(record, MeaningOf(rule))};
}

ConsentFinding Judge(const Record& strongest, const ConsentQuery& query) {
  const Consent& consent = *strongest.consent;
  if (!IsNegative(consent)) return {true, consent.consent_id(), "", ""};
  if (strongest.from != query.exchange.envelope().sender()) {
    return Refusal("CONSENT-MISSING", nullptr);
  }
  const bool withdrawn = consent.state() == schotvrij::v1::CONSENT_WITHDRAWN;
  return Refusal(withdrawn ? "CONSENT-WITHDRAWN" : "CONSENT-DENIED", &strongest);
}

void CheckPermit(const Consent& consent, CivilDate today, std::vector<Issue>& issues) {
  if (consent.state() != schotvrij::v1::CONSENT_ACTIVE) {
    issues.push_back(MakeIssue("CONSENT-FORM", "consent.state"));
  }
  if (consent.decision() != schotvrij::v1::PERMIT) {
    issues.push_back(MakeIssue("CONSENT-FORM", "consent.decision"));
  }
  if (consent.given_by() == schotvrij::v1::CONSENT_GIVER_UNSPECIFIED) {
    issues.push_back(MakeIssue("CONSENT-FORM", "consent.given_by"));
  }
  std::optional<CivilDate> given_on = CivilDate::Parse(consent.given_on());
  if (!given_on || *given_on > today) {
    issues.push_back(MakeIssue("CONSENT-FORM", "consent.given_on"));
  }
  if (consent.purposes().empty()) {
    issues.push_back(MakeIssue("CONSENT-PURPOSE", "consent.purposes"));
  }
  if (!SaysByWhomAndWhen(consent)) return;
  // Under which ground it will be used is not known yet.
  const std::string_view fault = RepresentationFault(consent, /*avg=*/false);
  if (!fault.empty()) issues.push_back(MakeIssue(fault, "consent.representation.kind"));
}

}  // namespace

bool RestsOnConsent(const v1::Grounds& grounds) {
  return grounds.article_6() == v1::Grounds::CONSENT || grounds.secrecy() == v1::LIFTED_BY_CONSENT;
}

bool Replaces(const Consent& later, const Consent& earlier) {
  return !IsNegative(earlier) || IsNegative(later) || DayOf(later) > DayOf(earlier);
}

bool MayTakeBack(const Consent& said, std::string_view sender, const schotvrij::v1::Facts& facts) {
  return IsNegative(said) || std::any_of(facts.consents().begin(), facts.consents().end(), [&](const ConsentFact& fact) {
           return IsSame({&fact.consent(), fact.received_from()}, {&said, sender});
         });
}

ConsentFinding FindConsent(const ConsentQuery& query) {
  const std::vector<Record> records = Gather(query);
  const Record* strongest = nullptr;
  const Record* nearest = nullptr;
  Meaning reason = Meaning::kNothing;
  for (const Record& record : records) {
    const Meaning meaning = MeaningOf(record, query);
    if (meaning == Meaning::kHolds) {
      if (strongest == nullptr ||
          WeightOf(record, query.recipient) > WeightOf(*strongest, query.recipient)) {
        strongest = &record;
      }
    } else if (meaning > reason) {
      reason = meaning;
      nearest = &record;
    }
  }
  if (strongest != nullptr) return Judge(*strongest, query);
  return Refusal(kReasons[static_cast<size_t>(reason)], nearest);
}

void CheckConsent(const ConsentQuery& query, std::vector<Issue>& issues) {
  const Consent& consent = query.exchange.consent();
  if (IsDirective(consent)) {
    issues.push_back(MakeIssue("CONSENT-DIRECTIVE", "consent.scope"));
    return;
  }
  if (consent.scope() != schotvrij::v1::PRIVACY) {
    issues.push_back(MakeIssue("CONSENT-PURPOSE", "consent.scope"));
    return;
  }
  if (IsNegative(consent)) return;
  CheckPermit(consent, query.today, issues);
  const Record sent{&consent, query.exchange.envelope().sender(), 0};
  const bool undoes_withdrawal = std::any_of(
      query.facts.consents().begin(), query.facts.consents().end(), [&](const ConsentFact& fact) {
        return IsSame({&fact.consent(), fact.received_from()}, sent) &&
               !Replaces(consent, fact.consent());
      });
  if (undoes_withdrawal) issues.push_back(MakeIssue("CONSENT-WITHDRAWN", "consent.given_on"));
}

}  // namespace schotvrij::policy
