// Holds coverage maps (schemas/maps/) against the canonical model: every row leads to a field that
// can hold what the element has, every field is used or says why not, and no meaning has two
// fields. Returns what is wrong, one line each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "schemas/base/limits.h"
#include "schemas/base/table.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij::maps {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Findings = std::vector<std::string>;

struct StandardMap {
  std::string standard;  // as in types.csv and code_lists.csv
  std::string
      name_column;  // column that says what an element is called; the last step of a path counts
  Table table;
};

struct MapSet {
  std::vector<StandardMap> standards;
  Table types;       // standard, type → kind
  Table code_lists;  // list of a field, standard → that standard's list
  Table never;       // rule → why an element is carried nowhere
};

inline std::string Option(const FieldDescriptor& field, decltype(v1::term)& option) {
  return field.options().GetExtension(option);
}

inline bool IsText(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING;
}

inline bool IsInteger(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_INT64;
}

inline v1::Form FormOf(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::form);
}

// What a field can hold, in a word.
inline std::string_view ShapeOf(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return "message";
  if (FormOf(field) == v1::DATE) return "date";
  if (FormOf(field) == v1::TIME) return "time";
  if (IsInteger(field)) return Option(field, v1::unit) == "cent" ? "cents" : "integer";
  if (field.type() == FieldDescriptor::TYPE_BYTES) return "bytes";
  if (!IsText(field)) return "choice";  // an enum or a bool
  return FormOf(field) == v1::CODE || !Option(field, v1::code_list).empty() ? "code" : "text";
}

struct Fit {
  std::string_view kind;    // of a type, in types.csv
  std::string_view shapes;  // that hold it
  std::string_view noted;   // that hold it too where a note says how: digits of a text in a number
};
constexpr Fit kFits[] = {
    {"class", "message", ""},
    {"reference", "message text code choice", "integer"},
    {"text", "text code", "integer"},
    {"number", "integer cents", "text code choice"},
    {"raw", "integer cents text code choice", ""},
    {"amount", "cents", ""},
    {"code", "code choice", ""},
    {"boolean", "code choice", ""},
    {"date", "date", ""},
    {"time", "time", ""},
    {"binary", "bytes", ""},
    {"any", "integer text code choice bytes", ""},
};

inline bool Holds(const FieldDescriptor& field, std::string_view kind, bool noted) {
  const std::string_view shape = ShapeOf(field);
  const Fit* fit = std::find_if(std::begin(kFits), std::end(kFits),
                                [&](const Fit& each) { return each.kind == kind; });
  return fit != std::end(kFits) && (fit->shapes.find(shape) != std::string_view::npos ||
                                    (noted && fit->noted.find(shape) != std::string_view::npos));
}

class Checker {
 public:
  Checker(const Descriptor& root, const MapSet& maps) : root_(root), maps_(maps) {
    Reach(root, false);
  }

  Findings Run() {
    for (const StandardMap& map : maps_.standards) {
      for (const Table::Row& row : map.table.rows()) CheckRow(map, row);
    }
    CheckUse();
    CheckLengths();
    CheckTerms();
    CheckTables();
    return std::move(findings_);
  }

 private:
  using Path = std::vector<const FieldDescriptor*>;
  struct ByName {
    bool operator()(const FieldDescriptor* a, const FieldDescriptor* b) const {
      return a->full_name() < b->full_name();
    }
  };

  // All fields below `message`. Internal is a field with a note, or with one on every way to it.
  void Reach(const Descriptor& message, bool internal) {
    if (!reached_.emplace(&message, internal).second) return;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      const bool here = internal || !Option(field, v1::internal).empty();
      bool& known = internal_.emplace(&field, true).first->second;
      known = known && here;
      if (field.message_type() != nullptr) Reach(*field.message_type(), here);
    }
  }

  Path Resolve(std::string_view path) const {
    Path fields;
    const Descriptor* message = &root_;
    for (size_t begin = 0; begin <= path.size();) {
      const size_t end = std::min(path.find('.', begin), path.size());
      const FieldDescriptor* field =
          message == nullptr
              ? nullptr
              : message->FindFieldByName(std::string(path.substr(begin, end - begin)));
      if (field == nullptr) return {};
      fields.push_back(field);
      message = field->message_type();
      begin = end + 1;
    }
    return fields;
  }

  void CheckRow(const StandardMap& map, const Table::Row& row) {
    const std::string place = map.standard + ".csv:" + std::to_string(row.line()) + ": ";
    const std::string path(row["path"]);
    const std::string reason(row["reason"]);
    const Table::Row* type = FindType(map.standard, row["type"]);
    if (type == nullptr) return Add(place + "type not in types.csv: " + std::string(row["type"]));
    used_types_.insert(type);
    CheckElement(map, row, place);
    if (path.empty() && reason.empty()) return Add(place + "unmapped");
    if (!path.empty() && !reason.empty()) return Add(place + "has a path and a reason");
    if (path.empty()) return CheckReason(reason, place);
    const Path fields = Resolve(path);
    if (fields.empty()) return Add(place + "no such path: " + path);
    used_.insert(fields.begin(), fields.end());
    CheckField(map, row, *fields.back(), std::string((*type)["kind"]), place);
  }

  void CheckReason(const std::string& reason, const std::string& place) {
    constexpr std::string_view kNever = "never ";
    if (reason == "filler" || reason == "derived" || reason == "transport") return;
    const Table::Row* rule = reason.starts_with(kNever)
                                 ? maps_.never.Find("rule", reason.substr(kNever.size()))
                                 : nullptr;
    if (rule == nullptr) return Add(place + "no such reason: " + reason);
    used_rules_.insert(rule);
  }

  void CheckField(const StandardMap& map, const Table::Row& row, const FieldDescriptor& field,
                  const std::string& kind, const std::string& place) {
    if (!Holds(field, kind, !row["note"].empty())) {
      return Add(place + field.full_name() + " holds no " + kind);
    }
    if (field.message_type() != nullptr) return;
    CheckCodes(map, std::string(row["code_list"]), field, kind, place);
    // A date has its own form; of a text that is read as a number, what does not fit is refused.
    if (row["length"].empty() || kind == "date" || kind == "time" || kind == "any") return;
    if (IsInteger(field) && kind == "text") return;
    const uint32_t length = std::stoul(std::string(row["length"]));
    if (IsInteger(field)) {
      if (length > (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? 9u : 18u)) {
        Add(place + field.full_name() + " has no room for " + std::to_string(length) + " digits");
      }
    } else if (IsText(field) && FormOf(field) == v1::CODE) {
      if (length > limits::kKeyBytesMax)
        Add(place + field.full_name() + " is a code, too short for this");
    } else if (IsText(field)) {
      lengths_[&field].insert(length);
    }
  }

  // The element's list and the field's are the same, or stand together in code_lists.csv.
  void CheckCodes(const StandardMap& map, const std::string& theirs, const FieldDescriptor& field,
                  const std::string& kind, const std::string& place) {
    const std::string ours = Option(field, v1::code_list);
    if (theirs.empty()) {
      if (!ours.empty() && kind == "code")
        Add(place + "no code list for a field with list " + ours);
      return;
    }
    if (theirs == ours) return;
    for (const Table::Row& row : maps_.code_lists.rows()) {
      if (row["list"] == ours && row["standard"] == map.standard && row["theirs"] == theirs) {
        used_lists_.insert(&row);
        return;
      }
    }
    Add(place + field.full_name() + ": list " + (ours.empty() ? "(none)" : ours) + " is not " +
        theirs);
  }

  // One element leads to one place, and elements of one name and type to one meaning, unless a note
  // says why not.
  void CheckElement(const StandardMap& map, const Table::Row& row, const std::string& place) {
    const std::string target = std::string(row["path"]) + "|" + std::string(row["reason"]);
    const auto key = std::pair(map.standard, std::string(row["element"]));
    auto [element, fresh] = targets_.emplace(key, target);
    const bool noted = !row["note"].empty();
    if (!fresh && element->second != target && !noted)
      Add(place + "a second place for " + key.second);
    if (!rows_.emplace(map.standard, row["element"], row["in"], row["type"], target).second) {
      Add(place + "the same row twice: " + key.second);
    }
    const Path fields = row["path"].empty() ? Path() : Resolve(row["path"]);
    if (fields.empty() || fields.back()->message_type() != nullptr || noted) return;
    const std::string term = Option(*fields.back(), v1::term);
    auto [named, first] = terms_of_name_.emplace(
        std::tuple(map.standard, NameOf(map, row), std::string(row["type"])), term);
    if (!first && named->second != term) {
      Add(place + std::get<1>(named->first) + " means " + term + " here and " + named->second +
          " elsewhere");
    }
  }

  static std::string NameOf(const StandardMap& map, const Table::Row& row) {
    const std::string name(row[map.name_column]);
    return map.name_column == "element" ? name.substr(name.rfind('/') + 1) : name;
  }

  void CheckUse() {
    for (const auto& [field, internal] : internal_) {
      const bool used = used_.contains(field);
      if (!used && !internal) Add(field->full_name() + ": no map uses it and no note says why");
      if (used && !Option(*field, v1::internal).empty())
        Add(field->full_name() + ": a map uses it, yet it says it is internal");
    }
  }

  // A text has room for the longest element; a number (REFERENCE, BSN) has the length of one of
  // them, or none stated.
  void CheckLengths() {
    for (const auto& [field, lengths] : lengths_) {
      const uint32_t stated = field->options().GetExtension(v1::max_length);
      const bool number = FormOf(*field) == v1::REFERENCE ||
                          field->options().GetExtension(v1::sensitive) == v1::BSN;
      if (number ? stated == 0 || lengths.contains(stated) : stated == *lengths.rbegin()) continue;
      Add(field->full_name() + ": max_length is " + std::to_string(stated) +
          ", the longest element has " + std::to_string(*lengths.rbegin()));
    }
  }

  // Every leaf says what it means; fields of one meaning are alike; a coded field names its list, a
  // number its unit.
  void CheckTerms() {
    std::map<std::string, const FieldDescriptor*> meanings;
    for (const auto& [field, internal] : internal_) {
      if (field->message_type() != nullptr) continue;
      const std::string term = Option(*field, v1::term);
      if (term.empty()) {
        Add(field->full_name() + ": no term");
        continue;
      }
      const FieldDescriptor* other = meanings.emplace(term, field).first->second;
      if (other->name() != field->name() || other->type() != field->type() ||
          other->enum_type() != field->enum_type() || FormOf(*other) != FormOf(*field)) {
        Add(field->full_name() + " and " + other->full_name() + " both mean " + term);
      }
      const std::string list = Option(*field, v1::code_list);
      if (field->enum_type() != nullptr && !internal && list != field->enum_type()->name()) {
        Add(field->full_name() + ": code_list is not its enum");
      }
      if (IsInteger(*field) && Option(*field, v1::unit).empty())
        Add(field->full_name() + ": a number without unit");
      if (IsInteger(*field) && !field->has_presence())
        Add(field->full_name() + ": absent would be zero");
    }
  }

  void CheckTables() {
    for (const Table::Row& row : maps_.types.rows()) {
      if (!used_types_.contains(&row))
        Add("types.csv:" + std::to_string(row.line()) + ": no row has this type");
    }
    for (const Table::Row& row : maps_.code_lists.rows()) {
      if (!used_lists_.contains(&row))
        Add("code_lists.csv:" + std::to_string(row.line()) + ": no row needs this");
    }
    for (const Table::Row& row : maps_.never.rows()) {
      if (!used_rules_.contains(&row))
        Add("never.csv:" + std::to_string(row.line()) + ": no row rests on this");
    }
  }

  const Table::Row* FindType(const std::string& standard, std::string_view type) const {
    for (const Table::Row& row : maps_.types.rows()) {
      if (row["standard"] == standard && row["type"] == type) return &row;
    }
    return nullptr;
  }

  void Add(std::string finding) { findings_.push_back(std::move(finding)); }

  const Descriptor& root_;
  const MapSet& maps_;
  Findings findings_;
  std::set<std::pair<const Descriptor*, bool>> reached_;
  std::map<const FieldDescriptor*, bool, ByName> internal_;
  std::set<const FieldDescriptor*> used_;
  std::set<const Table::Row*> used_types_, used_lists_, used_rules_;
  std::map<const FieldDescriptor*, std::set<uint32_t>, ByName> lengths_;
  std::map<std::pair<std::string, std::string>, std::string> targets_;
  std::set<std::tuple<std::string, std::string, std::string, std::string, std::string>> rows_;
  std::map<std::tuple<std::string, std::string, std::string>, std::string> terms_of_name_;
};

inline Findings Check(const Descriptor& root, const MapSet& maps) {
  return Checker(root, maps).Run();
}

}  // namespace schotvrij::maps
