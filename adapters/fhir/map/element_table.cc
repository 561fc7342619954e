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

constexpr std::array<std::pair<std::string_view, Part>, 9> kParts = {{
    {"task", Part::kTask},
    {"registration", Part::kRegistration},
    {"answer", Part::kAnswer},
    {"patient", Part::kPatient},
    {"consent", Part::kConsent},
    {"representative", Part::kRepresentative},
    {"flag", Part::kFlag},
    {"score", Part::kScore},
    {"attestation", Part::kAttestation},
}};

constexpr std::array<std::pair<std::string_view, Form>, 14> kForms = {{
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
  std::string_view where;  // "$" stands for `which`
};

bool HasComponentCode(Node component, std::string_view code) {
  for (Node coding : component.Child("code").Children("coding")) {
    if (coding.Child("system").value() == kAttestationComponentSystem && coding.Child("code").value() == code) return true;
  }
  return false;
}

constexpr std::array<Selector, 3> kSelectors = {{
    {"identifier", [](Node node, std::string_view which) { return node.Child("system").value() == which; },
     ".where(system='$')"},
    {"coding", [](Node node, std::string_view which) { return node.Child("system").value() == which; },
     ".where(system='$')"},
    {"component", HasComponentCode, ".where(code.coding.code='$')"},
}};

const Selector& SelectorOf(std::string_view step) {
  const auto found = std::find_if(kSelectors.begin(), kSelectors.end(),
                                  [&](const Selector& selector) { return selector.step == step; });
  if (found == kSelectors.end()) TableFault(step);
  return *found;
}

// "identifier(SYSTEM).value" into steps; dots within brackets belong to what they hold.
std::vector<Step> ParseSteps(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    const size_t end = path.find_first_of(".(");
    Step step{std::string(path.substr(0, end)), ""};
    path.remove_prefix(std::min(end, path.size()));
    if (path.starts_with('(')) {
      const size_t close = path.find(')');
      if (close == path.npos) TableFault(path);
      step.which = path.substr(1, close - 1);
      path.remove_prefix(close + 1);
    }
    if (path.starts_with('.')) path.remove_prefix(1);
    steps.push_back(std::move(step));
  }
  return steps;
}

std::string FhirPathOf(const std::vector<Step>& steps) {
  std::string path;
  for (const Step& step : steps) {
    if (!path.empty()) path += '.';
    path += step.name;
    if (step.which.empty()) continue;
    std::string where(SelectorOf(step.name).where);
    path += where.replace(where.find('$'), 1, step.which);
  }
  return path;
}

// As deep as the path has steps.
void Gather(Node node, std::span<const Step> steps, Nodes* found) {
  const Step& step = steps.front();
  for (Node child : node.Children(step.name)) {
    if (!step.which.empty() && !SelectorOf(step.name).keeps(child, step.which)) continue;
    steps.size() == 1 ? found->push_back(child) : Gather(child, steps.subspan(1), found);
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

ElementRow Compile(const Table::Row& cells, const Descriptor& message) {
  ElementRow row;
  row.reflection = google::protobuf::MessageFactory::generated_factory()->GetPrototype(&message)->GetReflection();
  row.steps = ParseSteps(cells["element"]);
  if (row.steps.empty()) TableFault("a row without an element");
  for (const Step& step : row.steps) {
    if (!step.which.empty()) SelectorOf(step.name);
  }
  row.form = Lookup(kForms, cells["form"]);
  if (!cells["codes"].empty()) row.codes = &CodeList::Named(cells["codes"]);
  if (!cells["field"].empty()) row.field = FieldNamed(message, cells["field"]);
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
  };
  return *descriptors[static_cast<size_t>(part)];
}

Part PartNamed(std::string_view name) { return Lookup(kParts, name); }

const std::vector<ElementRow>& RowsOf(Part part) {
  static const auto* rows = new auto(CompileAll());
  return (*rows)[static_cast<size_t>(part)];
}

Nodes Follow(Node resource, const std::vector<Step>& steps) {
  Nodes found;
  Gather(resource, steps, &found);
  return found;
}

}  // namespace schotvrij::fhir
