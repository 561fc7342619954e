#include "adapters/fhir/map/element_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "adapters/fhir/map/systems.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::fhir {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::string_view kTable = "schemas/formats/fhir/elements.csv";

constexpr std::array<std::pair<std::string_view, Part>, 27> kParts = {{
    {"task", Part::kTask},
    {"registration", Part::kRegistration},
    {"answer", Part::kAnswer},
    {"patient", Part::kPatient},
    {"consent", Part::kConsent},
    {"representative", Part::kRepresentative},
    {"flag", Part::kFlag},
    {"score", Part::kScore},
    {"attestation", Part::kAttestation},
    {"header", Part::kHeader},
    {"bundle", Part::kBundle},
    {"episode", Part::kEpisode},
    {"episode-parties", Part::kEpisodeParties},
    {"order", Part::kOrder},
    {"order-parties", Part::kOrderParties},
    {"request", Part::kRequest},
    {"request-input", Part::kRequestInput},
    {"proposal", Part::kProposal},
    {"request-parties", Part::kRequestParties},
    {"request-answer", Part::kRequestAnswer},
    {"claim", Part::kClaim},
    {"claim-line", Part::kClaimLine},
    {"claim-parties", Part::kClaimParties},
    {"claim-answer", Part::kClaimAnswer},
    {"claim-answer-line", Part::kClaimAnswerLine},
    {"claim-answer-parties", Part::kClaimAnswerParties},
    {"finding", Part::kFinding},
}};

constexpr std::array<std::pair<std::string_view, Form>, 27> kForms = {{
    {"key", Form::kKey},
    {"id", Form::kId},
    {"text", Form::kText},
    {"code", Form::kCode},
    {"coding", Form::kCoding},
    {"boolean", Form::kBoolean},
    {"integer", Form::kInteger},
    {"day", Form::kDay},
    {"partial-date", Form::kPartialDate},
    {"bsn", Form::kBsn},
    {"party", Form::kParty},
    {"client", Form::kClient},
    {"refuse", Form::kRefuse},
    {"present", Form::kPresent},
    {"digits", Form::kDigits},
    {"coded", Form::kCoded},
    {"status", Form::kStatus},
    {"money", Form::kMoney},
    {"quantity", Form::kQuantity},
    {"ratio", Form::kRatio},
    {"total", Form::kTotal},
    {"moment", Form::kMoment},
    {"time", Form::kTime},
    {"remark", Form::kRemark},
    {"signed", Form::kSigned},
    {"fixed", Form::kFixed},
    {"place", Form::kPlace},
}};

constexpr std::array<std::pair<std::string_view, Many>, 3> kManys = {{
    {"one", Many::kOne},
    {"first", Many::kFirst},
    {"all", Many::kAll},
}};

[[noreturn]] void TableFault(std::string_view what) {
  std::fprintf(stderr, "schotvrij: %.*s: %.*s\n", static_cast<int>(kTable.size()), kTable.data(),
               static_cast<int>(what.size()), what.data());
  std::abort();
}

template <typename Pairs>
auto Lookup(const Pairs& pairs, std::string_view name) {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == name; });
  if (found == pairs.end()) TableFault(name);
  return found->second;
}

// How a step says which of several children it means, and how FHIRPath says the same.
struct Selector {
  std::string_view step;
  bool (*keeps)(Node node, std::string_view which);
  std::string_view where;  // "$" stands for `which`, or for the code of it
  std::string_view mark;   // path of the child that holds `which`; empty: no row is written by it
};

// Whether `concept_element` of `node` has the coding that `which` is, as system|code.
bool HasCoding(Node node, std::string_view concept_element, std::string_view which) {
  const size_t bar = which.find('|');
  for (Node coding : node.Child(concept_element).Children("coding")) {
    if (coding.Child("system").value() == which.substr(0, bar) && coding.Child("code").value() == which.substr(bar + 1)) return true;
  }
  return false;
}

bool HasComponentCode(Node component, std::string_view code) {
  for (Node coding : component.Child("code").Children("coding")) {
    if (coding.Child("system").value() == kAttestationComponentSystem && coding.Child("code").value() == code) return true;
  }
  return false;
}

constexpr std::array<Selector, 7> kSelectors = {{
    {"identifier", [](Node node, std::string_view which) { return node.Child("system").value() == which; },
     ".where(system='$')", "system"},
    {"coding", [](Node node, std::string_view which) { return node.Child("system").value() == which; },
     ".where(system='$')", "system"},
    {"extension", [](Node node, std::string_view which) { return node.Child("url").value() == which; }, ".where(url='$')", "url"},
    {"component", HasComponentCode, ".where(code.coding.code='$')", ""},
    {"supportingInfo", [](Node node, std::string_view which) { return HasCoding(node, "category", which); },
     ".where(category.coding.code='$')", "category.coding"},
    {"adjudication", [](Node node, std::string_view which) { return HasCoding(node, "category", which); },
     ".where(category.coding.code='$')", "category.coding"},
    {"error", [](Node node, std::string_view which) { return HasCoding(node, "code", which); }, ".where(code.coding.code='$')",
     "code.coding"},
}};

const Selector& SelectorOf(std::string_view step) {
  const auto found = std::find_if(kSelectors.begin(), kSelectors.end(),
                                  [&](const Selector& selector) { return selector.step == step; });
  if (found == kSelectors.end()) TableFault(step);
  return *found;
}

// "identifier(SYSTEM).value" into steps; dots within brackets belong to what they hold; a step before > joins.
std::vector<Step> ParseSteps(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    const size_t end = path.find_first_of(".(>");
    Step step{std::string(path.substr(0, end)), ""};
    path.remove_prefix(std::min(end, path.size()));
    if (path.starts_with('(')) {
      const size_t close = path.find(')');
      if (close == path.npos) TableFault(path);
      step.which = path.substr(1, close - 1);
      path.remove_prefix(close + 1);
    }
    step.joins = path.starts_with('>');
    if (step.joins || path.starts_with('.')) path.remove_prefix(1);
    steps.push_back(std::move(step));
  }
  return steps;
}

std::string FhirPathOf(const std::vector<Step>& steps) {
  std::string path;
  for (const Step& step : steps) {
    if (!path.empty()) path += '.';
    path += step.name;
    if (step.joins) break;
    if (step.which.empty()) continue;
    std::string where(SelectorOf(step.name).where);
    path += where.replace(where.find('$'), 1, step.which.substr(step.which.find('|') + 1));
  }
  return path;
}

Node ResourceOf(Node node) {
  while (node && !node.Child("resourceType")) node = node.Parent();
  return node;
}

// As deep as the path has steps. `sequence`: that of the children that count; empty: any.
void Gather(Node node, std::span<const Step> steps, std::string_view sequence, Nodes* found) {
  const Step& step = steps.front();
  for (Node child : node.Children(step.name)) {
    if (!sequence.empty() && child.Child("sequence").value() != sequence) continue;
    if (!step.which.empty() && !SelectorOf(step.name).keeps(child, step.which)) continue;
    if (steps.size() == 1) {
      found->push_back(child);
    } else if (step.joins) {
      if (!child.value().empty()) Gather(ResourceOf(child), steps.subspan(1), child.value(), found);
    } else {
      Gather(child, steps.subspan(1), "", found);
    }
  }
}

const FieldDescriptor* FieldNamed(const Descriptor& message, std::string_view name) {
  const FieldDescriptor* field = message.FindFieldByName(std::string(name));
  if (field == nullptr) TableFault(name);
  return field;
}

void ParseWhen(const Descriptor& message, std::string_view text, ElementRow* row) {
  while (!text.empty()) {
    const std::string_view condition = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(condition.size() + 1, text.size()));
    const size_t equals = condition.find('=');
    const FieldDescriptor* field = FieldNamed(message, condition.substr(0, equals));
    const auto* value = field->enum_type()->FindValueByName(std::string(condition.substr(equals + 1)));
    if (value == nullptr) TableFault(condition);
    row->when.emplace_back(field, value->number());
  }
}

// "product.category", from the part's canonical message on; "field+beside" of two fields.
void ParseField(const Descriptor& message, std::string_view path, ElementRow* row) {
  if (const size_t plus = path.find('+'); plus != path.npos) {
    row->beside = FieldNamed(message, path.substr(plus + 1));
    path = path.substr(0, plus);
  }
  row->field_path = path;
  const Descriptor* owner = &message;
  for (size_t dot = path.find('.'); dot != path.npos; dot = path.find('.')) {
    row->through.push_back(FieldNamed(*owner, path.substr(0, dot)));
    owner = row->through.back()->message_type();
    path.remove_prefix(dot + 1);
  }
  row->field = FieldNamed(*owner, path);
  row->reflection = google::protobuf::MessageFactory::generated_factory()->GetPrototype(owner)->GetReflection();
  row->length_max = row->field->options().GetExtension(v1::max_length);
}

ElementRow Compile(const Table::Row& cells, const Descriptor& message) {
  ElementRow row;
  row.part = cells["part"];
  row.steps = ParseSteps(cells["element"]);
  if (row.steps.empty()) TableFault("a row without an element");
  for (const Step& step : row.steps) {
    if (!step.which.empty()) SelectorOf(step.name);
  }
  row.is_read_only = cells["form"].starts_with('<');
  row.form = Lookup(kForms, cells["form"].substr(row.is_read_only ? 1 : 0));
  if (!cells["codes"].empty()) row.codes = &CodeList::Named(cells["codes"]);
  if (!cells["field"].empty()) ParseField(message, cells["field"], &row);
  row.many = Lookup(kManys, cells["many"]);
  row.wrong = cells["wrong"];
  row.missing = cells["missing"];
  ParseWhen(message, cells["when"], &row);
  row.path = FhirPathOf(row.steps);
  return row;
}

std::array<std::vector<ElementRow>, kParts.size()> CompileAll() {
  std::array<std::vector<ElementRow>, kParts.size()> rows;
  for (const Table::Row& cells : Table::Embedded(kTable).rows()) {
    const Part part = PartNamed(cells["part"]);
    rows[static_cast<size_t>(part)].push_back(Compile(cells, CanonicalOf(part)));
  }
  return rows;
}

}  // namespace

const Descriptor& CanonicalOf(Part part) {
  static const std::array<const Descriptor*, kParts.size()> descriptors = {
      v1::Envelope::descriptor(),   v1::Registration::descriptor(),   v1::Receipt::descriptor(),
      v1::Client::descriptor(),     v1::Consent::descriptor(),        v1::Representation::descriptor(),
      v1::SafetyHold::descriptor(), v1::Assessment::descriptor(),     v1::Attestation::descriptor(),
      v1::Envelope::descriptor(),   v1::Envelope::descriptor(),       v1::DeliveredProduct::descriptor(),
      v1::Envelope::descriptor(),   v1::AllocatedProduct::descriptor(), v1::Envelope::descriptor(),
      v1::SupportRequest::descriptor(), v1::RequestedProduct::descriptor(), v1::RequestedProduct::descriptor(),
      v1::Envelope::descriptor(),   v1::RequestAnswer::descriptor(),  v1::Declaration::descriptor(),
      v1::DeclarationLine::descriptor(), v1::Envelope::descriptor(),  v1::DeclarationAnswer::descriptor(),
      v1::AnsweredLine::descriptor(), v1::Envelope::descriptor(),     v1::ReceiptFinding::descriptor(),
  };
  return *descriptors[static_cast<size_t>(part)];
}

bool Counts(const ElementRow& row, const google::protobuf::Message& message) {
  return std::all_of(row.when.begin(), row.when.end(), [&](const auto& condition) {
    return message.GetReflection()->GetEnumValue(message, condition.first) == condition.second;
  });
}

Part PartNamed(std::string_view name) { return Lookup(kParts, name); }

const std::vector<ElementRow>& RowsOf(Part part) {
  static const auto* rows = new auto(CompileAll());
  return (*rows)[static_cast<size_t>(part)];
}

std::string_view MarkOf(const Step& step) { return step.which.empty() ? "" : SelectorOf(step.name).mark; }

Nodes Follow(Node resource, const std::vector<Step>& steps) {
  Nodes found;
  Gather(resource, steps, "", &found);
  return found;
}

}  // namespace schotvrij::fhir
