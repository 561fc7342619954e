#include "policy/loader.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "policy/checks.h"
#include "policy/need.h"
#include "policy/rule_set_data.h"
#include "policy/source.h"
#include "schemas/base/audit_chain.h"
#include "schemas/base/embedded.h"
#include "schemas/base/limits.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::policy {
namespace {

constexpr std::string_view kNationalDocument = "policy/documents/national.txtpb";
constexpr size_t kNameDigits = 16;

// Independent of the order and the names of the files.
std::string NameOf(const std::vector<PolicyFile>& files) {
  std::vector<std::string> digests;
  for (const PolicyFile& file : files) digests.push_back(Sha256(file.text));
  std::sort(digests.begin(), digests.end());
  std::string all;
  for (const std::string& digest : digests) all += digest;
  return absl::BytesToHexString(Sha256(all)).substr(0, kNameDigits);
}

size_t RulesIn(const v1::Document& document) {
  size_t rules = document.rule_size();
  for (const v1::Agreement& agreement : document.network().agreement()) {
    rules += agreement.rule_size();
  }
  return rules;
}

}  // namespace

class Loader {
 public:
  explicit Loader(const google::protobuf::Descriptor& root) : root_(root) {}

  LoadResult Load(std::span<const PolicyFile> files) {
    files_.assign(files.begin(), files.end());
    Read();
    if (national_ != nullptr && WithinRulesMax()) Check();
    const bool good = !faults_.HasError() && national_ != nullptr;
    LoadResult result;
    if (good) result.rules = std::shared_ptr<const RuleSet>(new RuleSet(Build()));
    result.faults = std::move(faults_).Sorted();
    return result;
  }

 private:
  void Read() {
    bool national_given = false;
    for (const PolicyFile& file : files_) national_given |= Keep(file);
    if (national_given) return;
    files_.insert(files_.begin(),
                  {std::string(kNationalDocument), std::string(EmbeddedText(kNationalDocument))});
    Keep(files_.front());
  }

  // Whether the file is, or was meant to be, the national document.
  bool Keep(const PolicyFile& file) {
    FaultList found;
    std::unique_ptr<Source> source = ParseSource(file, found);
    if (source != nullptr) {
      CheckTexts(source->document, Place(*source), found);
      CheckKind(source->document, Place(*source), found);
    }
    const bool readable = source != nullptr && !found.HasError();
    for (Fault& fault : std::move(found).Sorted()) faults_.Add(std::move(fault));
    if (!readable) return source != nullptr && !source->document.has_network();
    if (source->document.has_network()) {
      networks_.push_back(std::move(source));
      return false;
    }
    if (national_ == nullptr) {
      national_ = std::move(source);
    } else {
      faults_.Add("POLICY-NATIONAL-TWICE", Place(*source), national_->name);
    }
    return true;
  }

  bool WithinRulesMax() {
    size_t rules = RulesIn(national_->document);
    for (const auto& network : networks_) rules += RulesIn(network->document);
    if (rules <= limits::kPolicyRulesMax) return true;
    faults_.Add(MakeFault("POLICY-RULES-MAX", absl::StrCat(limits::kPolicyRulesMax, " at most")));
    return false;
  }

  void Check() {
    const v1::Document& national = national_->document;
    const Place place(*national_);
    CheckContext context{root_, national, {}, {}, faults_};
    for (const v1::Role& role : national.role()) context.roles.emplace(role.key(), &role);
    for (const v1::Rule& rule : national.rule()) context.national_rules.emplace(rule.id(), &rule);
    CheckRoles(national, place, faults_);
    for (int i = 0; i < national.rule_size(); ++i) {
      CheckRule(context, DocumentKind::kNational, national.rule(i), place.In("rule", i));
    }
    CheckRulesTogether(national.rule(), place, faults_);
    for (const auto& source : networks_) {
      CheckNetwork(context, source->document.network(), Place(*source).In("network"));
    }
    CheckAcrossNetworks();
  }

  // A decision names its rule by id alone: one id is one network's.
  void CheckAcrossNetworks() {
    absl::flat_hash_map<std::string, const Source*> keys;
    absl::flat_hash_map<std::string, const Source*> rule_ids;
    for (const auto& source : networks_) {
      const v1::Network& network = source->document.network();
      const Place place = Place(*source).In("network");
      if (!keys.emplace(network.key(), source.get()).second) {
        faults_.Add("POLICY-DOUBLE-KEY", place.In("key"), network.key());
        continue;
      }
      for (int i = 0; i < network.agreement_size(); ++i) {
        for (int j = 0; j < network.agreement(i).rule_size(); ++j) {
          const std::string& id = network.agreement(i).rule(j).id();
          if (rule_ids.emplace(id, source.get()).first->second != source.get()) {
            faults_.Add("POLICY-DOUBLE-KEY", place.In("agreement", i).In("rule", j).In("id"), id);
          }
        }
      }
    }
  }

  std::unique_ptr<RuleSet::Data> Build() const {
    auto data = std::make_unique<RuleSet::Data>();
    data->name = NameOf(files_);
    data->national = national_->document;
    for (const v1::Role& role : data->national.role()) data->roles[role.key()] = &role;
    for (int i = 0; i < data->national.rule_size(); ++i) {
      const v1::Rule& rule = data->national.rule(i);
      data->national_rules[rule.id()] = &rule;
      AddRule(rule, Place(*national_).In("rule", i), *data);
    }
    for (const auto& source : networks_) data->networks.push_back(source->document.network());
    for (size_t i = 0; i < networks_.size(); ++i) {
      AddNetwork(data->networks[i], *networks_[i], *data);
    }
    data->no_need = MinimiserPlan::Compile(root_, NeededLeaves(root_, v1::Agreement(), ""));
    return data;
  }

  void AddRule(const v1::Rule& rule, const Place& place, RuleSet::Data& data) const {
    data.rules.emplace(&rule, RuleSet::Data::CompiledRule{
                                  MinimiserPlan::Compile(root_, rule.leaf()),
                                  {place.file(), place.line(), place.column(), place.path()}});
  }

  void AddNetwork(const v1::Network& network, const Source& source, RuleSet::Data& data) const {
    data.networks_by_key[network.key()] = &network;
    RuleSet::Data::CompiledNetwork& compiled = data.compiled[&network];
    for (const v1::Party& party : network.party()) {
      for (const v1::Membership& held : party.membership()) {
        compiled.roles[party.key()].push_back(
            {held.role(), *Period::Parse(held.from(), held.until())});
      }
      for (const v1::Staff& staff : party.staff()) {
        compiled.staff[party.key()].push_back({staff.system() ? "" : staff.key(),
                                               *Period::Parse(staff.from(), staff.until()),
                                               {staff.role().begin(), staff.role().end()}});
      }
      if (!party.has_succession()) continue;
      const v1::Succession& succession = party.succession();
      compiled.successors.emplace(party.key(), RuleSet::Successor{succession.party(), *CivilDate::Parse(succession.from())});
    }
    const Place place = Place(source).In("network");
    for (int i = 0; i < network.agreement_size(); ++i) {
      const v1::Agreement& agreement = network.agreement(i);
      compiled.agreements.push_back(
          {&agreement, *Period::Parse(agreement.from(), agreement.until())});
      for (const std::string& step : agreement.step()) {
        data.needs.emplace(std::pair(&agreement, step),
                           MinimiserPlan::Compile(root_, NeededLeaves(root_, agreement, step)));
      }
      for (int j = 0; j < agreement.rule_size(); ++j) {
        AddRule(agreement.rule(j), place.In("agreement", i).In("rule", j), data);
      }
    }
  }

  const google::protobuf::Descriptor& root_;
  std::vector<PolicyFile> files_;
  std::unique_ptr<Source> national_;
  std::vector<std::unique_ptr<Source>> networks_;
  FaultList faults_;
};

LoadResult LoadRuleSetFor(const google::protobuf::Descriptor& root,
                          std::span<const PolicyFile> files) {
  return Loader(root).Load(files);
}

LoadResult LoadRuleSet(std::span<const PolicyFile> files) {
  return LoadRuleSetFor(*schotvrij::v1::Exchange::descriptor(), files);
}

}  // namespace schotvrij::policy
