#include "adapters/fhir/map/code_list.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "adapters/fhir/map/value_form.h"
#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

constexpr std::string_view kAnyCode = "*";

bool Matches(const CodeList::Entry& entry, std::string_view code) {
  if (entry.code == kAnyCode) return IsKey(code);
  if (!entry.is_pattern) return entry.code == code;
  return std::equal(entry.code.begin(), entry.code.end(), code.begin(), code.end(),
                    [](char want, char got) { return want == '#' ? got >= '0' && got <= '9' : want == got; });
}

}  // namespace

// All lists, read once.
struct CodeLists {
  std::map<std::string, CodeList, std::less<>> by_name;

  CodeLists() {
    for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/codes.csv").rows()) {
      Add(row["list"], row["system"], row["code"], row["canonical"]);
    }
    for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/code_lists.csv").rows()) AddFile(row);
  }

  void Add(std::string_view list, std::string_view system, std::string_view code, std::string_view word) {
    by_name[std::string(list)].entries_.push_back(
        {std::string(system), std::string(code), std::string(word), code.find('#') != code.npos || code == kAnyCode});
  }

  void AddFile(const Table::Row& list) {
    const std::string_view where = list["where"];
    const size_t equals = where.find('=');
    for (const Table::Row& row : Table::Embedded(list["file"]).rows()) {
      if (!where.empty() && row[where.substr(0, equals)] != where.substr(equals + 1)) continue;
      const std::string_view system = list["system_column"].empty() ? list["system"] : row[list["system_column"]];
      const std::string_view code = row[list["code_column"]];
      const std::string_view word = row[list["canonical_column"]];
      Add(list["list"], system, code, word.empty() ? code : word);
    }
  }
};

const CodeList& CodeList::Named(std::string_view name) {
  static const auto* lists = new CodeLists();
  const auto found = lists->by_name.find(name);
  if (found == lists->by_name.end()) {
    std::fprintf(stderr, "schotvrij: no code list %.*s\n", static_cast<int>(name.size()), name.data());
    std::abort();
  }
  return found->second;
}

const CodeList::Entry* CodeList::Find(std::string_view system, std::string_view code) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.system == system && Matches(entry, code);
  });
  return found == entries_.end() ? nullptr : &*found;
}

const CodeList::Entry* CodeList::FindSystem(std::string_view system) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.system == system; });
  return found == entries_.end() ? nullptr : &*found;
}

const CodeList::Entry* CodeList::FindWord(std::string_view word) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.is_pattern ? Matches(entry, word) : entry.word == word; });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace schotvrij::fhir
