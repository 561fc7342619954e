#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/iwmo/iwmo.h"
#include "adapters/iwmo/map/outcome.h"
#include "adapters/iwmo/map/return_source.h"
#include "adapters/iwmo/map/return_table.h"
#include "adapters/iwmo/map/return_tree.h"
#include "adapters/iwmo/wire/writer.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kBelowRoot = "Bericht/";

// What the recipient said, by the class that it was said of.
struct ReturnFindings {
  ReturnCodes header;
  std::map<NodeIndex, ReturnCodes> classes;

  static bool Refuse(const ReturnCodes& codes) { return std::any_of(codes.begin(), codes.end(), IsRefusal); }
  bool RefuseClass() const {
    return std::any_of(classes.begin(), classes.end(), [](const auto& each) { return Refuse(each.second); });
  }
};

// Builds the return of one message that is one part.
class ReturnBuilder {
 public:
  ReturnBuilder(const Tree& original, const Grammar& grammar)
      : original_(original),
        grammar_(grammar),
        body_(original.at(1).end),
        copier_(original.grammar(), original.at(body_).element, grammar,
                grammar.Find(original.ElementOf(body_).path)) {}

  absl::Status Take(std::span<const v1::ReceiptFinding> findings) {
    const std::map<std::string, NodeIndex> places = Places();
    for (const v1::ReceiptFinding& finding : findings) {
      RETURN_IF_ERROR(CheckCode(grammar_, finding.code()));
      const auto place = places.find(finding.place());
      if (place == places.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat("a finding is about ", finding.place(), ", which is no class of the message that has return codes"));
      }
      ReturnCodes& codes = place->second == kNoNode ? found_.header : found_.classes[place->second];
      if (std::find(codes.begin(), codes.end(), finding.code()) == codes.end()) codes.push_back(finding.code());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Tree> Build(bool technical, const HeaderIds& ids) const {
    const ReturnRow& row = ReturnRow::Of(ReturnKind::kReturn, Outcome(technical));
    Tree tree(grammar_);
    tree.Open(0);
    RETURN_IF_ERROR(AddHeader(original_, ids, row.header.Of(Refusals(found_.header)), &tree));
    if (row.body == ReturnBody::kWhole) {
      copier_.Copy(original_, body_, [&](NodeIndex node) { return CodesOf(row, node); }, &tree);
    }
    tree.Close();
    return tree;
  }

 private:
  ReturnOutcome Outcome(bool technical) const {
    if (technical) return ReturnOutcome::kTechnical;
    if (found_.Refuse(found_.header)) return ReturnOutcome::kHeader;
    return found_.RefuseClass() ? ReturnOutcome::kClass : ReturnOutcome::kAccepted;
  }

  // Each class that has return codes by its place; kNoNode: the header.
  std::map<std::string, NodeIndex> Places() const {
    std::map<std::string, NodeIndex> places = {{"", kNoNode}, {"Header", kNoNode}};
    for (NodeIndex node = body_; node < original_.at(body_).end; ++node) {
      if (copier_.HasCodes(original_.at(node).element)) {
        places.emplace(PathOf(original_, node, 0).substr(kBelowRoot.size()), node);
      }
    }
    return places;
  }

  static ReturnCodes Refusals(ReturnCodes codes) {
    std::erase_if(codes, [](std::string_view code) { return !IsRefusal(code); });
    return codes;
  }

  ReturnCodes CodesOf(const ReturnRow& row, NodeIndex node) const {
    const auto said = found_.classes.find(node);
    if (said != found_.classes.end()) return row.failing.Of(said->second);
    const bool below = std::any_of(found_.classes.begin(), found_.classes.end(), [&](const auto& each) {
      return each.first < node && node < original_.at(each.first).end && found_.Refuse(each.second);
    });
    return (below ? row.unchecked : row.sound).Of({});
  }

  const Tree& original_;
  const Grammar& grammar_;
  const NodeIndex body_;  // behind the header
  const ClassCopier copier_;
  ReturnFindings found_;
};

}  // namespace

absl::StatusOr<policy::EncodedAnswer> EncodeReturn(const policy::Echo& echo, std::span<const v1::ReceiptFinding> findings,
                                                   const HeaderIds& ids) {
  ASSIGN_OR_RETURN(const bool technical, IsTechnical(echo));
  ASSIGN_OR_RETURN(const Tree original, ReadWhole(echo.wire()));
  const Grammar* grammar = AnswerTo(original.grammar());
  if (grammar == nullptr || grammar->part() != kNoElement) {
    return absl::InvalidArgumentError(absl::StrCat("no return answers a ", ToAbsl(original.grammar().message())));
  }
  ReturnBuilder builder(original, *grammar);
  RETURN_IF_ERROR(builder.Take(findings));
  ASSIGN_OR_RETURN(const Tree made, builder.Build(technical, ids));
  std::string bytes;
  Writer(&bytes).Whole(made);
  return policy::EncodedAnswer::From(echo, std::move(bytes), std::string(kMediaType));
}

}  // namespace schotvrij::iwmo
