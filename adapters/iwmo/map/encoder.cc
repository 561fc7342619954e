#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/iwmo/iwmo.h"
#include "adapters/iwmo/map/plan.h"
#include "adapters/iwmo/map/tree_builder.h"
#include "adapters/iwmo/map/value_form.h"
#include "adapters/iwmo/rules/rules.h"
#include "adapters/iwmo/wire/writer.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

using policy::Disclosure;
using policy::Encoded;

absl::Status Refuse(std::string_view what) { return absl::InvalidArgumentError(ToAbsl(what)); }

// All of them, each by its leaf.
absl::Status Refuse(const std::vector<Issue>& issues) {
  std::string text;
  for (const Issue& issue : issues) {
    if (!text.empty()) text += "\n";
    absl::StrAppend(&text, issue.path, ": ", issue.text);
  }
  return Refuse(text);
}

// Whether the exchange says all that the message says by its name; `alone`: no other message has this content.
bool IsSaidBy(const Plan& plan, const v1::Exchange& exchange, bool alone) {
  return std::all_of(plan.implied().begin(), plan.implied().end(), [&](const Implied& implied) {
    const google::protobuf::Message& content =
        exchange.GetReflection()->GetMessage(exchange, implied.target.steps.front().field);
    return HasImplied(implied, content) || (alone && !HasValue(implied.target, content));
  });
}

// The message that carries the exchange.
absl::StatusOr<const Plan*> PlanFor(const v1::Exchange& exchange) {
  const auto* content = v1::Exchange::descriptor()->FindFieldByNumber(exchange.content_case());
  std::vector<const Plan*> plans;
  for (const Grammar* grammar : Grammar::All()) {
    if (Plan::Of(*grammar).content() == content) plans.push_back(&Plan::Of(*grammar));
  }
  const std::string name = content == nullptr ? "content" : content->name();
  if (plans.empty()) return Refuse(name + ": no message of iWmo carries it");
  if (!plans.front()->grammar().answers().empty()) {
    return Refuse(name + ": is written from the message that it answers, which it repeats");
  }
  for (const Plan* plan : plans) {
    if (IsSaidBy(*plan, exchange, plans.size() == 1)) return plan;
  }
  return Refuse(absl::StrCat(name, ".", plans.front()->implied().front().target.field->name(),
                             ": says of no message of iWmo that this is it"));
}

Given GivenBy(const Grammar& grammar, const HeaderIds& ids, std::optional<int64_t> submitted_cents) {
  Given given;
  const auto give = [&](std::string_view path, std::string value) {
    if (!value.empty()) given[grammar.Find(path)] = std::move(value);
  };
  give("Header/BerichtIdentificatie/Identificatie", ids.identification);
  give("Header/BerichtIdentificatie/Dagtekening", ids.dated);
  if (!submitted_cents.has_value()) return given;
  give("Declaratie/TotaalIngediendBedrag/TotaalBedrag", absl::StrCat(std::abs(*submitted_cents)));
  give("Declaratie/TotaalIngediendBedrag/DebetCredit", *submitted_cents < 0 ? "C" : "D");
  return given;
}

// "Bericht/Client/StartProducten/StartProduct[2]/Begindatum, line 3" as "Client/StartProducten/StartProduct/Begindatum".
std::string ElementPathOf(std::string_view place) {
  place = place.substr(0, place.find(','));
  if (place.starts_with("Bericht/")) place.remove_prefix(8);
  std::string path;
  bool in_number = false;
  for (const char c : place) {
    in_number = c == '[' || (in_number && c != ']');
    if (!in_number && c != ']') path.push_back(c);
  }
  return path;
}

// What a rule within the message found in what was built, by the leaf that the element was written from.
std::vector<Issue> ByLeaf(const Plan& plan, std::vector<Issue> found) {
  for (Issue& issue : found) {
    const ElementId element = plan.grammar().Find(ElementPathOf(issue.path));
    absl::StrAppend(&issue.text, " (", ToAbsl(plan.grammar().message()), " ", issue.path, ")");
    issue.path = element == kNoElement ? "" : LeafOf(plan, element);
  }
  return found;
}

// A 323, of which the clients come one by one.
class DeclarationEncoder final : public FileEncoder {
 public:
  DeclarationEncoder(HeaderIds ids, int64_t submitted_cents) : ids_(std::move(ids)), submitted_cents_(submitted_cents) {}

  absl::StatusOr<Encoded> Next(const Disclosure& client) override {
    const v1::Exchange& exchange = client.exchange();
    ASSIGN_OR_RETURN(const Plan* plan, PlanFor(exchange));
    if (plan->grammar().part() == kNoElement) return Refuse("a file has declarations only");
    const bool first = !frame_.has_value();
    if (first) Begin(plan->grammar());
    TreeBuilder builder(*plan, exchange, given_);
    Tree frame = builder.Whole();
    const Tree part = builder.Part();
    builder.CheckPlaces();
    RETURN_IF_ERROR(builder.issues().empty() ? absl::OkStatus() : Refuse(builder.issues()));
    std::vector<Issue> found;
    if (first) {
      frame_.emplace(std::move(frame));
      checker_->Head(*frame_);
    } else if (!SameValues(frame, *frame_)) {
      return Refuse("declaration: the clients of one file have one declaration number, period, day and header");
    }
    checker_->Part(part, &found);
    RETURN_IF_ERROR(found.empty() ? absl::OkStatus() : Refuse(ByLeaf(*plan, std::move(found))));
    if (first) writer_.Head(*frame_);
    writer_.Part(part);
    return Encoded::From(client, std::exchange(bytes_, {}), std::string(kMediaType));
  }

  absl::StatusOr<Encoded> Finish() override {
    if (!frame_.has_value()) return Refuse("declaration: a file without clients is none");
    std::vector<Issue> found;
    checker_->End(*frame_, &found);
    RETURN_IF_ERROR(found.empty() ? absl::OkStatus() : Refuse(ByLeaf(Plan::Of(frame_->grammar()), std::move(found))));
    writer_.End();
    return Encoded::From(std::span<const Disclosure>(), std::exchange(bytes_, {}), std::string(kMediaType));
  }

 private:
  void Begin(const Grammar& grammar) {
    given_ = GivenBy(grammar, ids_, submitted_cents_);
    checker_.emplace(grammar);
  }

  static bool SameValues(const Tree& one, const Tree& other) {
    if (one.nodes().size() != other.nodes().size()) return false;
    for (NodeIndex node = 0; node < one.nodes().size(); ++node) {
      if (one.at(node).element != other.at(node).element || one.Text(node) != other.Text(node)) return false;
    }
    return true;
  }

  const HeaderIds ids_;
  const int64_t submitted_cents_;
  Given given_;
  std::optional<Tree> frame_;
  std::optional<Checker> checker_;
  std::string bytes_;
  Writer writer_{&bytes_};
};

// An amount that is none of the standard's is refused where its line is written.
int64_t SubmittedCents(const v1::Declaration& declaration) {
  constexpr int64_t kAmountMax = 99'999'999;
  int64_t cents = 0;
  for (const v1::DeclarationLine& line : declaration.lines()) {
    const int64_t amount = std::clamp<int64_t>(line.amount_cents(), 0, kAmountMax);
    cents += line.side() == v1::CREDIT ? -amount : amount;
  }
  return cents;
}

absl::StatusOr<Encoded> EncodeDeclaration(const Disclosure& disclosure, const HeaderIds& ids) {
  DeclarationEncoder file(ids, SubmittedCents(disclosure.exchange().declaration()));
  ASSIGN_OR_RETURN(const Encoded head, file.Next(disclosure));
  ASSIGN_OR_RETURN(const Encoded rest, file.Finish());
  return Encoded::From(disclosure, head.bytes() + rest.bytes(), std::string(kMediaType));
}

}  // namespace

absl::StatusOr<Encoded> Encode(const Disclosure& disclosure, const HeaderIds& ids) {
  const v1::Exchange& exchange = disclosure.exchange();
  ASSIGN_OR_RETURN(const Plan* plan, PlanFor(exchange));
  const Grammar& grammar = plan->grammar();
  if (grammar.part() != kNoElement) return EncodeDeclaration(disclosure, ids);
  const Given given = GivenBy(grammar, ids, std::nullopt);
  TreeBuilder builder(*plan, exchange, given);
  const Tree tree = builder.Whole();
  builder.CheckPlaces();
  if (!builder.issues().empty()) return Refuse(builder.issues());
  std::vector<Issue> found;
  Checker(grammar).End(tree, &found);
  if (!found.empty()) return Refuse(ByLeaf(*plan, std::move(found)));
  std::string bytes;
  Writer(&bytes).Whole(tree);
  return Encoded::From(disclosure, std::move(bytes), std::string(kMediaType));
}

std::unique_ptr<FileEncoder> NewFileEncoder(const HeaderIds& ids, int64_t submitted_cents) {
  return std::make_unique<DeclarationEncoder>(ids, submitted_cents);
}

}  // namespace schotvrij::iwmo
