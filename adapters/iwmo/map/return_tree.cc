#include "adapters/iwmo/map/return_tree.h"

#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "adapters/iwmo/map/table_fault.h"
#include "adapters/iwmo/wire/value.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kHeaders = "schemas/formats/iwmo/return_headers.csv";
constexpr std::string_view kXsdVersion = "1.0.0";  // of release 3.2 (messages.csv)
constexpr std::string_view kCodesBelow = "/RetourCodes";

void AddCodesAt(ElementId holder, const ReturnCodes& codes, Tree* tree) {
  const ElementId code = tree->grammar().at(holder).children.front();
  tree->Open(holder);
  for (std::string_view each : codes) tree->Leaf(code, each);
  tree->Close();
}

// Writes the header of one answer.
class HeaderBuilder {
 public:
  HeaderBuilder(const Tree& original, const HeaderIds& ids, Tree* tree) : original_(original), tree_(*tree) {
    const std::map<std::string_view, std::string_view> given = {
        {"identification", ids.identification}, {"dated", ids.dated}, {"release", kXsdVersion}};
    const std::string_view message = tree_.grammar().message().substr(3);
    for (const Table::Row& row : Table::Embedded(kHeaders).rows()) {
      if (!HoldsWord(row["in"], message)) continue;
      const auto found = given.find(row["from"]);
      values_[row["element"]] = found == given.end() ? InOriginal(row["from"]) : std::optional(found->second);
    }
  }

  absl::Status Add(ElementId element, const ReturnCodes& codes) {
    const Element& made = tree_.grammar().at(element);
    if (made.type != nullptr) return AddLeaf(element);
    if (made.path == "Header/RetourCodes") {
      if (!codes.empty()) AddCodesAt(element, codes, &tree_);
      return absl::OkStatus();
    }
    tree_.Open(element);
    for (ElementId child : made.children) RETURN_IF_ERROR(Add(child, codes));
    tree_.Close();
    return absl::OkStatus();
  }

 private:
  absl::Status AddLeaf(ElementId element) {
    const Element& made = tree_.grammar().at(element);
    const std::optional<std::string_view> value = ValueOf(made);
    if (!value.has_value() && !made.required) return absl::OkStatus();
    const char* fault = ValueFault(made, value.value_or(""));
    if (fault != nullptr) return absl::InvalidArgumentError(absl::StrCat(made.path, ": ", MakeIssue(fault, "").text));
    tree_.Leaf(element, *value);
    return absl::OkStatus();
  }

  std::optional<std::string_view> ValueOf(const Element& made) const {
    if (!made.value.empty()) return made.value;
    const auto given = values_.find(made.path);
    return given == values_.end() ? InOriginal(made.path) : given->second;
  }

  std::optional<std::string_view> InOriginal(std::string_view path) const {
    const ElementId element = original_.grammar().Find(path);
    const NodeIndex node = element == kNoElement ? kNoNode : original_.Below(0, element);
    return node == kNoNode ? std::nullopt : std::optional(original_.Text(node));
  }

  const Tree& original_;
  Tree& tree_;
  std::map<std::string_view, std::optional<std::string_view>> values_;
};

}  // namespace

const Grammar* AnswerTo(const Grammar& original) {
  for (const Grammar* each : Grammar::All()) {
    if (each->answers() == original.message()) return each;
  }
  return nullptr;
}

void AddCodes(std::string_view holder, const ReturnCodes& codes, Tree* tree) {
  if (!codes.empty()) AddCodesAt(tree->grammar().Find(absl::StrCat(ToAbsl(holder), ToAbsl(kCodesBelow))), codes, tree);
}

absl::Status AddHeader(const Tree& original, const HeaderIds& ids, const ReturnCodes& codes, Tree* tree) {
  return HeaderBuilder(original, ids, tree).Add(tree->grammar().Find("Header"), codes);
}

absl::Status CheckCode(const Grammar& grammar, std::string_view code) {
  const ElementId element = grammar.Find("Header/RetourCodes/RetourCode");
  if (ValueFault(grammar.at(element), code) == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError("a finding has a code that the standard does not have (WJ001)");
}

ClassCopier::ClassCopier(const Grammar& from, ElementId from_class, const Grammar& to, ElementId to_class)
    : to_(to), element_(from.elements().size(), kNoElement), codes_(from.elements().size(), kNoElement) {
  const size_t prefix = from.at(from_class).path.size();
  for (ElementId id = from_class; id < from.at(from_class).end; ++id) {
    const std::string path = to.at(to_class).path + from.at(id).path.substr(prefix);
    element_[id] = to.Find(path);
    if (element_[id] == kNoElement) TableFault("schemas/formats/iwmo/elements.csv", 0);
    codes_[id] = to.Find(path + std::string(kCodesBelow));
  }
}

void ClassCopier::Copy(const Tree& original, NodeIndex node, absl::FunctionRef<ReturnCodes(NodeIndex)> codes_of,
                       Tree* tree) const {
  const ElementId element = original.at(node).element;
  const ElementId made = element_[element];
  if (to_.at(made).type != nullptr) {
    tree->Leaf(made, original.Text(node));
    return;
  }
  const ReturnCodes codes = HasCodes(element) ? codes_of(node) : ReturnCodes();
  if (HasCodes(element) && codes.empty()) return;
  tree->Open(made);
  for (NodeIndex child = node + 1; child < original.at(node).end; child = original.at(child).end) {
    Copy(original, child, codes_of, tree);
  }
  if (!codes.empty()) AddCodesAt(codes_[element], codes, tree);
  tree->Close();
}

}  // namespace schotvrij::iwmo
