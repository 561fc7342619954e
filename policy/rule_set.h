// RuleSet: all policy documents, read once, checked whole, immutable, named by the hash of their
// contents.
//
//   absl::StatusOr<LoadResult> loaded = LoadRuleSet(files);   // national document is compiled in
//   and always first if (!loaded.faults.empty()) Print(loaded.faults);         // file:line:column:
//   path: what and remedy
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/base/civil_date.h"
#include "schotvrij/policy/v1/policy.pb.h"

namespace schotvrij::policy {

struct PolicyFile {
  std::string name;
  std::string text;
};

// A reason why a policy set does not load, or (warning) what its owner should know.
struct Fault {
  bool warning = false;
  std::string file;
  int line = 0;  // 1-based; 0: the set as a whole
  int column = 0;
  std::string path;  // of the element in the document: "network.agreement[1].rule[0].leaf[2].path"
  std::string rule;  // stable id of the load rule: "POLICY-UNKNOWN-PATH"
  std::string text;

  std::string ToString() const;  // file:line:column: path: text [rule]
};

class MinimiserPlan;  // policy/minimiser.h: the compiled leaves of one rule

// Where a rule stands in its document.
struct RulePlace {
  std::string file;
  int line = 0;
  int column = 0;
  std::string path;
};

class RuleSet {
 public:
  ~RuleSet();
  // Hash of the contents, 16 hexadecimal digits: what every decision records.
  const std::string& name() const;
  const policy::v1::Document& national() const;
  std::span<const policy::v1::Network> networks() const;

  const policy::v1::Network* FindNetwork(std::string_view key) const;
  // Version of the agreement in force on `day`, or null.
  const policy::v1::Agreement* AgreementOn(const policy::v1::Network& network, CivilDate day) const;
  // Roles `party` holds in `network` on `day`.
  std::vector<std::string> RolesOn(const policy::v1::Network& network, std::string_view party,
                                   CivilDate day) const;
  // Roles in which `party` acts on `today` in a case of `day`: those that it, or a party whose place it has, held on that day.
  std::vector<std::string> RolesInCase(const policy::v1::Network& network, std::string_view party,
                                       CivilDate day, CivilDate today) const;
  // Roles that `party`, or one whose place it has, had on any day up to `today`; and whether there are any.
  std::vector<std::string> RolesUpTo(const policy::v1::Network& network, std::string_view party, CivilDate today) const;
  bool TookPart(const policy::v1::Network& network, std::string_view party, CivilDate today) const;
  struct Successor {
    std::string party;
    CivilDate from;
  };
  // Who follows up `party`, whenever; null: nobody.
  const Successor* SuccessorOf(const policy::v1::Network& network, std::string_view party) const;
  bool HasSuccessors(const policy::v1::Network& network) const;
  // Whether who speaks for `party` as `staff` (empty: as its system) may handle on `day` what the
  // network exchanges: from the first day for which the document names staff of the party, only
  // they may.
  bool MayHandle(const policy::v1::Network& network, std::string_view party, std::string_view staff,
                 CivilDate day) const;
  // Of RolesUpTo those in which who speaks for `party` as `staff` acts; none where that one may not handle what the network exchanges.
  std::vector<std::string> HatsIn(const policy::v1::Network& network, std::string_view party, std::string_view staff,
                                  CivilDate today) const;
  const policy::v1::Role* FindRole(std::string_view key) const;
  // The national rule of that id, or null.
  const policy::v1::Rule* FindNationalRule(std::string_view id) const;
  const MinimiserPlan& PlanOf(const policy::v1::Rule& rule) const;
  const RulePlace& PlaceOf(const policy::v1::Rule& rule) const;
  // What the facts need of a message with `content` ("registration"), whoever it goes to
  // (policy/need.h).
  const MinimiserPlan& NeedOf(const policy::v1::Agreement& agreement,
                              std::string_view content) const;

  // Parties that a rule in force on or after `day` addresses and that `enrolled` does not hold:
  // non-empty is inactive.
  std::vector<std::string> MissingParties(const policy::v1::Network& network,
                                          std::span<const std::string> enrolled,
                                          CivilDate day) const;

 private:
  friend class Loader;
  struct Data;
  explicit RuleSet(std::unique_ptr<Data> data);
  std::unique_ptr<Data> data_;
};

struct LoadResult {
  std::shared_ptr<const RuleSet> rules;  // null when any fault is not a warning
  std::vector<Fault> faults;
};

// Reads the compiled-in national document (unless `files` bring their own national one) and
// `files`.
LoadResult LoadRuleSet(std::span<const PolicyFile> files);

// Leaves that a recipient's format cannot do without (schemas/formats/*/required.csv), held against
// every rule of `rules` that addresses a party with that format: a message that can never be built
// is a fault.
struct PartyFormat {
  std::string party;
  std::string format;  // "mail", "canonical", "fhir-json"
  // Whether what this format cannot carry goes to the party in another one: a content without rows is then no fault.
  bool beside_another = false;
};
std::vector<Fault> CheckFormats(const RuleSet& rules, std::span<const PartyFormat> parties);

}  // namespace schotvrij::policy
