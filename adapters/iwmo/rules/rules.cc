#include "adapters/iwmo/rules/rules.h"

#include <string>
#include <utility>

#include "adapters/iwmo/rules/key_set.h"
#include "adapters/iwmo/rules/overlap.h"
#include "adapters/iwmo/rules/rule_table.h"
#include "adapters/iwmo/wire/place.h"
#include "schemas/base/limits.h"

namespace schotvrij::iwmo {
namespace {

constexpr char kBetweenKeys = '\x1f';  // no value has it: it is no character of XML

}  // namespace

class Checker::Impl {
 public:
  explicit Impl(const Grammar& grammar)
      : table_(RuleTable::Of(grammar)), memories_(table_.states), nearest_(grammar.elements().size(), kNoNode) {
    frame_.assign(table_.frame.size(), kNoDay);
  }

  void Head(const Tree& head) { ReadFrame(head); }

  void Part(const Tree& part, std::vector<Issue>* issues) {
    for (Memory& memory : memories_) memory.parent = kNoNode;
    Walk(part, issues);
    ++parts_;
  }

  void End(const Tree& whole, std::vector<Issue>* issues) {
    ReadFrame(whole);
    Walk(whole, issues);
    EndOverlaps(whole, issues);
  }

 private:
  // What a check remembers of a message. Keys and sums last for all its parts; keys of siblings until another class holds them.
  struct Memory {
    KeySet keys;                        // of unique, unique in message and what is taken back (apart)
    KeySet others;                      // of apart: what may not be
    NodeIndex parent = kNoNode;         // of unique: the class that those of `keys` are in
    std::vector<ProductPeriod> periods;
    int64_t cents = 0;                  // of sum: of the lines so far
  };

  void ReadFrame(const Tree& frame) {
    for (NodeIndex at = 0; at < frame.nodes().size(); ++at) {
      for (size_t i = 0; i < frame_.size(); ++i) {
        if (table_.frame[i] == frame.at(at).element) frame_[i] = DayOf(frame.Text(at));
      }
    }
  }

  void Walk(const Tree& tree, std::vector<Issue>* issues) {
    for (NodeIndex at = 0; at < tree.nodes().size(); ++at) {
      const ElementId element = tree.at(at).element;
      nearest_[element] = at;
      if (size_t line_of = table_.line_of[element]; line_of != 0) memories_[line_of - 1].cents += SignedCents(tree, at);
      if (table_.checks[element].empty()) continue;
      view_.Fill(tree, at);
      for (const RuleCheck& check : table_.checks[element]) {
        if (Holds(check.when, view_, frame_)) Make(check, issues);
      }
    }
  }

  void Make(const RuleCheck& check, std::vector<Issue>* issues) {
    switch (check.check) {
      case Check::kMust:
        return Must(check, issues);
      case Check::kUnique:
        ForgetOtherSiblings(memories_[check.state]);
        [[fallthrough]];
      case Check::kUniqueInMessage:
        if (!memories_[check.state].keys.Insert(KeyOf(check))) Add(check, NodeOf(check), issues);
        return;
      case Check::kApart:
        return Apart(check, issues);
      case Check::kNoOverlap:
        return memories_[check.state].periods.push_back(PeriodOf(check));
      case Check::kSum:
        return Sum(check, issues);
    }
  }

  void Must(const RuleCheck& check, std::vector<Issue>* issues) {
    const Condition* broken = FirstBroken(check.with, view_, frame_);
    if (broken == nullptr) return;
    Add(check, broken->may_be_many ? view_.node() : view_.Nearest(broken->element), issues);
  }

  // A part is in no class of its tree: those of a message are all siblings.
  void ForgetOtherSiblings(Memory& memory) {
    const ElementId element = view_.tree().at(view_.node()).element;
    if (element == table_.grammar->part()) return;
    const NodeIndex parent = nearest_[table_.grammar->at(element).parent];
    if (parent == memory.parent) return;
    memory.keys.Clear();
    memory.parent = parent;
  }

  std::string_view KeyOf(const RuleCheck& check) {
    key_.clear();
    for (ElementId element : check.elements) key_.append(ValueOf(element)).push_back(kBetweenKeys);
    return key_;
  }

  // Where a check of a key that is one element is broken: there; of more: the class.
  NodeIndex NodeOf(const RuleCheck& check) const {
    return check.elements.size() == 1 ? view_.Nearest(check.elements.front()) : view_.node();
  }

  // The one that comes last is named, whichever of the two that is.
  void Apart(const RuleCheck& check, std::vector<Issue>* issues) {
    Memory& memory = memories_[check.state];
    const std::string_view taken_back = ValueOf(check.elements[0]);
    const std::string_view own = ValueOf(check.elements[1]);
    memory.others.Insert(own);
    if (!taken_back.empty()) {
      memory.keys.Insert(taken_back);
      if (memory.others.Contains(taken_back)) Add(check, view_.Nearest(check.elements[0]), issues);
    }
    if (taken_back != own && memory.keys.Contains(own)) Add(check, view_.Nearest(check.elements[1]), issues);
  }

  ProductPeriod PeriodOf(const RuleCheck& check) const {
    const NodeIndex end = view_.Find(check.elements[3]);
    return {view_.node(), ValueOf(check.elements[0]), ValueOf(check.elements[1]), DayOf(ValueOf(check.elements[2])),
            end == kNoNode ? kNoDay : DayOf(view_.tree().Text(end))};
  }

  void EndOverlaps(const Tree& tree, std::vector<Issue>* issues) {
    for (const std::vector<RuleCheck>& checks : table_.checks) {
      for (const RuleCheck& check : checks) {
        if (check.check != Check::kNoOverlap) continue;
        for (NodeIndex node : FindOverlaps(std::exchange(memories_[check.state].periods, {}))) {
          Tell(*check.rule, tree, node, issues);
        }
      }
    }
  }

  void Sum(const RuleCheck& check, std::vector<Issue>* issues) {
    int64_t total = SignedCents(view_.tree(), view_.Find(check.elements[1]));
    if (check.elements.size() > 2) total -= SignedCents(view_.tree(), view_.Find(check.elements[2]));
    if (total != memories_[check.state].cents) Add(check, view_.Find(check.elements.back()), issues);
  }

  std::string_view ValueOf(ElementId element) const {
    const NodeIndex node = view_.Find(element);
    return node == kNoNode ? std::string_view() : PlainValue(view_.tree(), node);
  }

  void Add(const RuleCheck& check, NodeIndex at, std::vector<Issue>* issues) { Tell(*check.rule, view_.tree(), at, issues); }
  void Tell(const Rule& rule, const Tree& tree, NodeIndex at, std::vector<Issue>* issues) {
    if (told_ == limits::kIssuesMax) return;
    ++told_;
    issues->push_back({Severity::kError, rule.code, std::string(rule.info.id), PlaceOf(tree, at, parts_), rule.text});
  }

  const RuleTable& table_;
  std::vector<Memory> memories_;
  std::vector<NodeIndex> nearest_;  // by element: the last of it in the tree so far
  std::vector<Day> frame_;
  ClassView view_;
  std::string key_;
  uint64_t parts_ = 0;
  size_t told_ = 0;
};

Checker::Checker(const Grammar& grammar) : impl_(std::make_unique<Impl>(grammar)) {}
Checker::~Checker() = default;
void Checker::Head(const Tree& head) { impl_->Head(head); }
void Checker::Part(const Tree& part, std::vector<Issue>* issues) { impl_->Part(part, issues); }
void Checker::End(const Tree& whole, std::vector<Issue>* issues) { impl_->End(whole, issues); }

}  // namespace schotvrij::iwmo
