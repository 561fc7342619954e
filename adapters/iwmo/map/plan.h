// Plan: where each element of one iWmo message goes in an Exchange and how, as schemas/maps/iwmo.csv and implied.csv have it; the names
// of both sides looked up once.
//
//   const Plan& plan = Plan::Of(Grammar::Of("WMO305"));
//   const Slot& bsn = plan.at(plan.grammar().Find("Client/Bsn"));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "adapters/iwmo/map/value_list.h"
#include "adapters/iwmo/wire/grammar.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace schotvrij::iwmo {

using Field = const google::protobuf::FieldDescriptor*;

// A message field, and what reads and writes the message that has it.
struct Step {
  Field field = nullptr;
  const google::protobuf::Reflection* reflection = nullptr;
};

// A field below the message that stands open for an element.
struct Target {
  ElementId base = 0;       // element whose message that is, which opens one; 0: the Exchange
  std::vector<Step> steps;  // from there to the message that has the field; of a list a new element
  Field field = nullptr;    // null: the message itself
  const google::protobuf::Reflection* reflection = nullptr;  // of the message that has the field
};

enum class Carry : uint8_t { kText, kTexts, kCount, kAmount, kEnum, kDate, kTime, kBirthDate, kBirthDateUse, kInitials };

// What an element says without a value.
struct Implied {
  Target target;
  std::string text;  // as the table has it
  int64_t number = 0;  // of an enum or a number
};

struct Slot {
  // kNone: the element goes nowhere itself. kItem: each is an element of a list of messages. kLeaf: its value is that of a field.
  enum class Kind : uint8_t { kNone, kItem, kLeaf };
  Kind kind = Kind::kNone;
  Target target;
  Carry carry = Carry::kText;
  std::optional<ValueList> values;          // of an enum
  Field beside = nullptr;                   // of kBirthDate its use, of kBirthDateUse the date
  bool is_finding = false;                  // a return code, which is said of a class
  int rank = -1;                            // of an item that does not repeat: which of the list it takes; -1: all
  bool alone = false;                       // no other element takes from the list of this item
  std::vector<Implied> implied;             // by an item or a leaf
};

// What a message of ours may say to be written as this message of iWmo.
struct Place {
  absl::flat_hash_map<Field, Place> below;
  std::vector<ElementId> items;  // elements that its messages are, if it is a list of them
};

class Plan {
 public:
  static const Plan& Of(const Grammar& grammar);

  const Grammar& grammar() const { return *grammar_; }
  // Field of an Exchange: allocation, receipt, ...
  Field content() const { return content_; }
  const Slot& at(ElementId id) const { return slots_[id]; }
  // By the message as a whole.
  const std::vector<Implied>& implied() const { return implied_; }
  // Below an Exchange.
  const Place& places() const { return places_; }

 private:
  friend struct PlanBuilder;
  explicit Plan(const Grammar& grammar) : grammar_(&grammar), slots_(grammar.elements().size()) {}

  const Grammar* grammar_;
  Field content_ = nullptr;
  std::vector<Slot> slots_;
  std::vector<Implied> implied_;
  Place places_;
};

}  // namespace schotvrij::iwmo
