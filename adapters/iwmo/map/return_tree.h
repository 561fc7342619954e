// What a return or a 325 repeats of the message that it answers, as a tree of its own grammar.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "adapters/iwmo/iwmo.h"
#include "adapters/iwmo/map/return_table.h"
#include "adapters/iwmo/wire/tree.h"

namespace schotvrij::iwmo {

// The message that answers `original`; null: none does.
const Grammar* AnswerTo(const Grammar& original);

// Adds RetourCodes with those codes below the open class, whose path is `holder`; nothing where there is no code.
void AddCodes(std::string_view holder, const ReturnCodes& codes, Tree* tree);

// Adds the header, by return_headers.csv. kInvalidArgument: `ids` has what the standard cannot carry, by its name.
absl::Status AddHeader(const Tree& original, const HeaderIds& ids, const ReturnCodes& codes, Tree* tree);

// kInvalidArgument: the standard has no such return code.
absl::Status CheckCode(const Grammar& grammar, std::string_view code);

// Copies a class with all that is below it, as it stands, to the class of the same shape in another message.
class ClassCopier {
 public:
  ClassCopier(const Grammar& from, ElementId from_class, const Grammar& to, ElementId to_class);

  // Whether `element` of the original has RetourCodes in the copy.
  bool HasCodes(ElementId element) const { return codes_[element] != kNoElement; }
  // `codes_of`: asked for each class that has RetourCodes; none: the class is left out.
  void Copy(const Tree& original, NodeIndex node, absl::FunctionRef<ReturnCodes(NodeIndex)> codes_of, Tree* tree) const;

 private:
  const Grammar& to_;
  // By element of the original.
  std::vector<ElementId> element_, codes_;
};

}  // namespace schotvrij::iwmo
