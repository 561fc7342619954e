// What of a message survives the way iWmo, canonical, iWmo, as text to compare: all but what not_carried.csv names.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/wire/tree.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::iwmo {

inline const Table& NotCarried() { return Table::Embedded("schemas/formats/iwmo/not_carried.csv"); }

inline std::vector<const Table::Row*> RowsBut(const Table::Row* without) {
  std::vector<const Table::Row*> rows;
  for (const Table::Row& row : NotCarried().rows()) {
    if (&row != without) rows.push_back(&row);
  }
  return rows;
}

// What a tree says, one line to an element that has a value or repeats, without what the rows in `rows` name.
class CarriedText {
 public:
  CarriedText(const Tree& tree, const std::vector<const Table::Row*>& rows) : tree_(tree), rows_(rows) {}

  std::string Write() {
    for (NodeIndex node = 0; node < tree_.nodes().size(); ++node) {
      const Element& element = tree_.ElementOf(node);
      if (Named(element.path) && IsLeftOut(element, node)) continue;
      text_ += element.path;
      if (element.type != nullptr) text_ += "=" + ValueOf(element, node);
      text_ += "\n";
    }
    return text_;
  }

 private:
  bool Named(std::string_view what) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const Table::Row* row) {
      return (*row)["element"] == what && HoldsWord((*row)["in"], tree_.grammar().message().substr(3));
    });
  }

  // Of a birth date what is known stays, of a class what it holds.
  bool IsLeftOut(const Element& element, NodeIndex node) const {
    if (element.type == nullptr) return tree_.at(node).end == node + 1;
    return !element.path.ends_with("Geboortedatum/Datum");
  }

  std::string ValueOf(const Element& element, NodeIndex node) const {
    std::string value(tree_.Text(node));
    const Base base = element.type->base;
    if (base == Base::kInteger && Named("integer")) return Number(value);
    if (Named(element.path)) return Stripped(value).substr(0, Known(node));
    if ((base == Base::kDate && Named("date")) || (base == Base::kTime && Named("time"))) return Stripped(value);
    return value;
  }

  // Characters of a birth date that DatumGebruik, which stands behind it, says are known.
  size_t Known(NodeIndex node) const {
    const bool all = node + 1 == tree_.nodes().size() || tree_.ElementOf(node + 1).name != "DatumGebruik";
    constexpr size_t kCharacters[] = {7, 4, 0};
    return all ? std::string::npos : kCharacters[tree_.Text(node + 1).front() - '1'];
  }

  static std::string Stripped(std::string value) {
    value.erase(value.find_last_not_of(" \t\r\n") + 1);
    return value.erase(0, value.find_first_not_of(" \t\r\n"));
  }

  static std::string Number(std::string value) {
    value = Stripped(value);
    const size_t first = value.find_first_of("123456789");
    return first == value.npos ? "0" : value.substr(first);
  }

  const Tree& tree_;
  const std::vector<const Table::Row*>& rows_;
  std::string text_;
};

}  // namespace schotvrij::iwmo
