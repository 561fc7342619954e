#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/iwmo/iwmo.h"
#include "adapters/iwmo/map/return_source.h"
#include "adapters/iwmo/map/return_table.h"
#include "adapters/iwmo/map/return_tree.h"
#include "adapters/iwmo/map/verdicts.h"
#include "adapters/iwmo/wire/writer.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

constexpr size_t kPieceBytes = 256 << 10;
constexpr std::string_view kDeclared = "Declaratie";
constexpr std::string_view kAnswered = "DeclaratieAntwoord";
constexpr std::string_view kParts = "DeclaratieAntwoord/Clienten";

absl::Status Wrong(absl::string_view what) { return absl::InvalidArgumentError(what); }

// Elements of a 323 that an answer looks at.
struct DeclarationElements {
  const Grammar& grammar = Grammar::Of("WMO323");
  const ElementId line = grammar.Find("Declaratie/Clienten/Client/Prestaties/Prestatie");
  const ElementId bsn = Of("Bsn");
  const ElementId reference = Of("Prestaties/Prestatie/ProductReferentie/ReferentieNummer");
  const ElementId amount = Of("Prestaties/Prestatie/IngediendBedrag/Bedrag");
  const ElementId side = Of("Prestaties/Prestatie/IngediendBedrag/DebetCredit");

  ElementId Of(std::string_view below) const {
    return grammar.Find(absl::StrCat("Declaratie/Clienten/Client/", ToAbsl(below)));
  }
};

// Signed: minus for a credit.
int64_t SignedCents(std::string_view amount, std::string_view side) {
  int64_t cents = 0;
  if (!absl::SimpleAtoi(ToAbsl(amount), &cents)) return 0;  // a number by level 1
  return side == "C" ? -cents : cents;
}

ReturnCodes ViewsOf(const std::vector<std::string>& codes) { return {codes.begin(), codes.end()}; }

// First reading: that the answers fit the declaration, and what the refused lines come to.
class FitSink final : public TreeSink {
 public:
  explicit FitSink(Verdicts& verdicts) : verdicts_(verdicts) {}

  void OnHead(const Tree&) override {}
  void OnPart(const Tree& part) override {
    Verdicts::Client* client = verdicts_.Find(part.Value(0, elements_.bsn));
    if (client == nullptr) return;
    client->found = true;
    for (NodeIndex node = 0; node < part.at(0).end; ++node) {
      if (part.at(node).element == elements_.line) Weigh(part, node, *client);
    }
  }
  void OnEnd(const Tree& tree) override { frame_ = tree; }
  void OnIssue(Issue) override { sound_ = false; }

  absl::Status status() const { return sound_ && frame_.has_value() ? status_ : Unreadable(); }
  const Tree& frame() const { return *frame_; }
  int64_t refused_cents() const { return refused_cents_; }

 private:
  void Weigh(const Tree& part, NodeIndex node, Verdicts::Client& client) {
    const int64_t cents = SignedCents(part.Value(node, elements_.amount), part.Value(node, elements_.side));
    const auto line = client.lines.find(ToAbsl(part.Value(node, elements_.reference)));
    bool refused = !client.codes.empty();
    if (line != client.lines.end()) {
      line->second.found = true;
      refused |= !line->second.codes.empty();
      // What is granted of it has no sign: it is on the side of the line.
      if (line->second.granted_cents.value_or(refused ? 0 : std::abs(cents)) != (refused ? 0 : std::abs(cents))) {
        status_.Update(Wrong("declaration_answer.lines.granted_cents: in iWmo a line is granted whole, or refused whole with a code (IV087)"));
      }
    }
    if (refused) refused_cents_ += cents;
  }

  const DeclarationElements elements_;
  Verdicts& verdicts_;
  std::optional<Tree> frame_;
  absl::Status status_;
  int64_t refused_cents_ = 0;
  bool sound_ = true;
};

class DeclarationAnswerEncoder final : public AnswerEncoder, private TreeSink {
 public:
  DeclarationAnswerEncoder(const policy::Echo& echo, HeaderIds ids)
      : echo_(echo),
        ids_(std::move(ids)),
        copier_(elements_.grammar, elements_.grammar.part(), grammar_, grammar_.part()),
        frame_(grammar_),
        writer_(&bytes_) {}

  absl::Status Add(const policy::Disclosure& answer) override { return verdicts_.Add(answer.exchange()); }

  absl::StatusOr<policy::EncodedAnswer> Next() override {
    if (row_ == nullptr) {
      RETURN_IF_ERROR(Begin());
      writer_.Head(frame_);
      if (row_->body != ReturnBody::kRefused) End();
    }
    while (!ended_ && bytes_.size() < kPieceBytes) ReadOn();
    return policy::EncodedAnswer::From(echo_, std::exchange(bytes_, {}), std::string(kMediaType));
  }

 private:
  absl::Status Begin() {
    ASSIGN_OR_RETURN(const bool technical, IsTechnical(echo_));
    FitSink fit(verdicts_);
    Reader reader(kReadAgain);
    if (reader.Feed(echo_.wire(), fit)) reader.Finish(fit);
    RETURN_IF_ERROR(fit.status());
    if (&fit.frame().grammar() != &elements_.grammar) {
      return Wrong(absl::StrCat("a 325 answers a 323, not a ", ToAbsl(fit.frame().grammar().message())));
    }
    RETURN_IF_ERROR(verdicts_.CheckAbout(ValueIn(fit.frame(), "Declaratie/DeclaratieNummer"),
                                         ValueIn(fit.frame(), "Header/BerichtIdentificatie/Identificatie")));
    if (!verdicts_.AreFound()) return Wrong("an answer names a client or a line that was not declared (TR366)");
    const ReturnOutcome outcome = Outcome(technical);
    if (outcome == ReturnOutcome::kAccepted && verdicts_.refused()) return RefusedWithoutCode();
    const ReturnRow& row = ReturnRow::Of(ReturnKind::kAnswer, outcome);
    RETURN_IF_ERROR(BuildFrame(fit, row));
    row_ = &row;
    return absl::OkStatus();
  }

  ReturnOutcome Outcome(bool technical) const {
    if (technical) return ReturnOutcome::kTechnical;
    if (!verdicts_.message().empty()) return ReturnOutcome::kHeader;
    if (!verdicts_.declaration().empty()) return ReturnOutcome::kDeclaration;
    return verdicts_.RefuseAny() ? ReturnOutcome::kClass : ReturnOutcome::kAccepted;
  }

  static std::string_view ValueIn(const Tree& tree, std::string_view path) {
    return tree.Value(0, tree.grammar().Find(path));
  }

  absl::Status BuildFrame(const FitSink& fit, const ReturnRow& row) {
    frame_.Clear();
    frame_.Open(0);
    RETURN_IF_ERROR(AddHeader(fit.frame(), ids_, row.header.Of(ViewsOf(verdicts_.message())), &frame_));
    if (row.body != ReturnBody::kNone) AddBody(fit, row);
    frame_.Close();
    return absl::OkStatus();
  }

  // TR342: the refused lines come to what was submitted less what was granted.
  void AddBody(const FitSink& fit, const ReturnRow& row) {
    const std::string submitted = absl::StrCat(ToAbsl(kDeclared), "/TotaalIngediendBedrag");
    const std::string_view amount = ValueIn(fit.frame(), submitted + "/TotaalBedrag");
    const std::string_view side = ValueIn(fit.frame(), submitted + "/DebetCredit");
    const bool refused = !verdicts_.declaration().empty();
    const int64_t granted = refused ? 0 : SignedCents(amount, side) - fit.refused_cents();
    frame_.Open(grammar_.Find(kAnswered));
    frame_.Leaf(At("DeclaratieNummer"), ValueIn(fit.frame(), "Declaratie/DeclaratieNummer"));
    AddTotal("TotaalIngediendBedrag", amount, side);
    AddTotal("TotaalToegekendBedrag", absl::StrCat(std::abs(granted)), granted < 0 ? "C" : "D");
    if (row.body == ReturnBody::kRefused) {
      frame_.Open(grammar_.Find(kParts));
      frame_.Close();
    }
    AddCodes(kAnswered, (refused ? row.failing : row.sound).Of(ViewsOf(verdicts_.declaration())), &frame_);
    frame_.Close();
  }

  ElementId At(std::string_view below) const { return grammar_.Find(absl::StrCat(ToAbsl(kAnswered), "/", ToAbsl(below))); }

  void AddTotal(std::string_view name, std::string_view amount, std::string_view side) {
    frame_.Open(At(name));
    frame_.Leaf(At(absl::StrCat(ToAbsl(name), "/TotaalBedrag")), amount);
    frame_.Leaf(At(absl::StrCat(ToAbsl(name), "/DebetCredit")), side);
    frame_.Close();
  }

  // Second reading, a piece at a time.
  void ReadOn() {
    const std::string_view piece = std::string_view(echo_.wire()).substr(read_bytes_, kPieceBytes);
    read_bytes_ += piece.size();
    if (!piece.empty()) {
      reader_.Feed(piece, *this);
    } else {
      reader_.Finish(*this);
      End();
    }
  }

  void End() {
    writer_.End();
    ended_ = true;
  }

  void OnHead(const Tree&) override {}
  void OnEnd(const Tree&) override {}
  void OnIssue(Issue) override {}  // the first reading had none
  void OnPart(const Tree& part) override {
    const Verdicts::Client* client = verdicts_.Find(part.Value(0, elements_.bsn));
    if (client == nullptr || !client->IsRefused()) return;
    const bool refused = !client->codes.empty();
    const auto codes_of = [&](NodeIndex node) {
      if (node == 0) return (refused ? row_->failing : row_->sound).Of(ViewsOf(client->codes));
      const auto line = client->lines.find(ToAbsl(part.Value(node, elements_.reference)));
      const bool said = line != client->lines.end() && !line->second.codes.empty();
      if (said) return row_->failing.Of(ViewsOf(line->second.codes));
      return refused ? row_->unchecked.Of({}) : ReturnCodes();
    };
    Tree copy(grammar_);
    copier_.Copy(part, 0, codes_of, &copy);
    writer_.Part(copy);
  }

  const policy::Echo& echo_;
  const HeaderIds ids_;
  const DeclarationElements elements_;
  const Grammar& grammar_ = Grammar::Of("WMO325");
  const ClassCopier copier_;
  Verdicts verdicts_;
  const ReturnRow* row_ = nullptr;  // from the first Next on
  Tree frame_;
  std::string bytes_;
  Writer writer_;
  Reader reader_{kReadAgain};
  size_t read_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<AnswerEncoder> NewAnswerEncoder(const policy::Echo& echo, const HeaderIds& ids) {
  return std::make_unique<DeclarationAnswerEncoder>(echo, ids);
}

}  // namespace schotvrij::iwmo
