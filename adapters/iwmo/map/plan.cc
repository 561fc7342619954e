#include "adapters/iwmo/map/plan.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "adapters/iwmo/map/table_fault.h"
#include "google/protobuf/message.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::iwmo {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::string_view kMap = "schemas/maps/iwmo.csv";
constexpr std::string_view kImplied = "schemas/formats/iwmo/implied.csv";
constexpr std::string_view kMessages = "schemas/formats/iwmo/messages.csv";

// Below a return's header stand the sender's own words.
bool IsSaidByReturn(std::string_view path) {
  return path.starts_with("receipt") || path.starts_with("envelope") || path.starts_with("wire");
}

const google::protobuf::Reflection* ReflectionOf(const Descriptor& message) {
  return google::protobuf::MessageFactory::generated_factory()->GetPrototype(&message)->GetReflection();
}

bool IsBelow(std::string_view path, std::string_view outer) {
  return path.starts_with(outer) && (path.size() == outer.size() || path[outer.size()] == '.');
}

}  // namespace

struct PlanBuilder {
  Plan plan;
  const Grammar& grammar;
  std::vector<std::string_view> paths;   // of each element; empty: none
  std::vector<int> lines;

  explicit PlanBuilder(const Grammar& of) : plan(of), grammar(of), paths(of.elements().size()), lines(paths.size()) {
    const Table::Row* message = Table::Embedded(kMessages).Find("message", grammar.message());
    plan.content_ = v1::Exchange::descriptor()->FindFieldByName(std::string((*message)["content"]));
    if (plan.content_ == nullptr) TableFault(kMessages, message->line());
    ReadPaths();
    for (ElementId id = 1; id < paths.size(); ++id) {
      if (!paths[id].empty()) Compile(id);
    }
    ReadImplied();
    for (ElementId id = 1; id < paths.size(); ++id) {
      if (plan.slots_[id].kind == Slot::Kind::kItem) plan.slots_[id].alone = PlaceOf(paths[id]).items.size() == 1;
    }
  }

  bool IsOfMessage(const Table::Row& row) const { return HoldsWord(row["in"], grammar.message().substr(3)); }

  void ReadPaths() {
    const bool is_return = plan.content_->name() == "receipt";
    for (const Table::Row& row : Table::Embedded(kMap).rows()) {
      if (!IsOfMessage(row)) continue;
      const ElementId id = grammar.Find(row["element"]);
      if (id == kNoElement) TableFault(kMap, row.line());
      lines[id] = row.line();
      if (!is_return || IsSaidByReturn(row["path"])) paths[id] = row["path"];
    }
  }

  void Compile(ElementId id) {
    Slot& slot = plan.slots_[id];
    slot.target = Resolve(paths[id], grammar.at(id).parent, kMap, lines[id]);
    if (grammar.at(id).type == nullptr) {
      CompileClass(id, slot);
    } else {
      CompileLeaf(grammar.at(id), slot, lines[id]);
      PlaceOf(paths[id]);
    }
  }

  // From the innermost item above that the path is below.
  Target Resolve(std::string_view path, ElementId from, std::string_view table, int line) const {
    Target target;
    const Descriptor* message = v1::Exchange::descriptor();
    while (from != 0 && !(plan.slots_[from].kind == Slot::Kind::kItem && IsBelow(path, paths[from]))) {
      from = grammar.at(from).parent;
    }
    if (from != 0) {
      target.base = from;
      message = plan.slots_[from].target.steps.back().field->message_type();
      path.remove_prefix(std::min(path.size(), paths[from].size() + 1));
    }
    for (const absl::string_view name : absl::StrSplit(ToAbsl(path), '.', absl::SkipEmpty())) {
      Field field = message == nullptr ? nullptr : message->FindFieldByName(std::string(name));
      if (field == nullptr) TableFault(table, line);
      const auto* reflection = ReflectionOf(*message);
      message = field->message_type();
      if (message != nullptr) {
        target.steps.push_back({field, reflection});
      } else {
        target.field = field;
        target.reflection = reflection;
      }
    }
    return target;
  }

  // A class whose path ends at a list is an item of it if it repeats or holds values itself, unless one above is that item already.
  void CompileClass(ElementId id, Slot& slot) {
    if (slot.target.field != nullptr) TableFault(kMap, lines[id]);
    if (slot.target.steps.empty() || !slot.target.steps.back().field->is_repeated()) return;
    if (!grammar.at(id).repeats && !HoldsValue(id)) return;
    slot.kind = Slot::Kind::kItem;
    if (!grammar.at(id).repeats) slot.rank = RankOf(id);
    PlaceOf(paths[id]).items.push_back(id);
  }

  bool HoldsValue(ElementId id) const {
    for (const ElementId child : grammar.at(id).children) {
      const Element& element = grammar.at(child);
      if (element.type != nullptr && !element.repeats && IsBelow(paths[child], paths[id])) return true;
    }
    return false;
  }

  int RankOf(ElementId id) const {
    int rank = 0;
    for (ElementId each = 1; each < id; ++each) {
      rank += plan.slots_[each].kind == Slot::Kind::kItem && paths[each] == paths[id] &&
              plan.slots_[each].target.base == plan.slots_[id].target.base;
    }
    return rank;
  }

  void CompileLeaf(const Element& element, Slot& slot, int line) const {
    Field field = slot.target.field;
    if (field == nullptr) TableFault(kMap, line);
    slot.kind = Slot::Kind::kLeaf;
    slot.carry = CarryOf(element, *field);
    slot.is_finding = field->containing_type() == v1::ReceiptFinding::descriptor();
    if (slot.carry == Carry::kBirthDate) slot.beside = field->containing_type()->FindFieldByName("birth_date_use");
    if (slot.carry == Carry::kBirthDateUse) slot.beside = field->containing_type()->FindFieldByName("birth_date");
    if (field->enum_type() == nullptr) return;
    slot.values = ValueList::Of(element.type->code_list, *field->enum_type());
    if (!slot.values.has_value()) TableFault(kMap, line);
  }

  static Carry CarryOf(const Element& element, const FieldDescriptor& field) {
    if (field.name() == "birth_date") return Carry::kBirthDate;
    if (field.name() == "birth_date_use") return Carry::kBirthDateUse;
    if (field.name() == "initials") return Carry::kInitials;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return Carry::kEnum;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) return Carry::kCount;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) return Carry::kAmount;
    if (field.is_repeated()) return Carry::kTexts;
    if (element.type->base == Base::kDate) return Carry::kDate;
    return element.type->base == Base::kTime ? Carry::kTime : Carry::kText;
  }

  void ReadImplied() {
    for (const Table::Row& row : Table::Embedded(kImplied).rows()) {
      if (!IsOfMessage(row)) continue;
      const ElementId id = row["element"].empty() ? 0 : grammar.Find(row["element"]);
      if (id == kNoElement) TableFault(kImplied, row.line());
      Implied implied{Resolve(row["path"], id, kImplied, row.line()), std::string(row["value"])};
      if (implied.target.field == nullptr || !SetNumber(implied)) TableFault(kImplied, row.line());
      PlaceOf(row["path"]);
      (id == 0 ? plan.implied_ : plan.slots_[id].implied).push_back(std::move(implied));
    }
  }

  static bool SetNumber(Implied& implied) {
    Field field = implied.target.field;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) return true;
    if (field->enum_type() == nullptr) return absl::SimpleAtoi(implied.text, &implied.number);
    const auto* value = field->enum_type()->FindValueByName(implied.text);
    if (value != nullptr) implied.number = value->number();
    return value != nullptr;
  }

  Place& PlaceOf(std::string_view path) {
    Place* place = &plan.places_;
    const Descriptor* message = v1::Exchange::descriptor();
    for (const absl::string_view name : absl::StrSplit(ToAbsl(path), '.')) {
      Field field = message->FindFieldByName(std::string(name));
      place = &place->below[field];
      message = field->message_type();
    }
    return *place;
  }
};

const Plan& Plan::Of(const Grammar& grammar) {
  static const auto* plans = [] {
    auto* made = new std::map<const Grammar*, std::unique_ptr<const Plan>>();
    for (const Grammar* each : Grammar::All()) {
      (*made)[each] = std::make_unique<const Plan>(std::move(PlanBuilder(*each).plan));
    }
    return made;
  }();
  return *plans->at(&grammar);
}

}  // namespace schotvrij::iwmo
