#include "adapters/securemail/map/form_label.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "adapters/securemail/map/fold.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::securemail {
namespace {

[[noreturn]] void RefuseTable(std::string_view what) {
  std::fprintf(stderr, "schotvrij: form.csv or form_words.csv: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

FormLabel::Kind KindOf(std::string_view kind) {
  if (kind == "text") return FormLabel::Kind::kText;
  if (kind == "bsn") return FormLabel::Kind::kBsn;
  if (kind == "date") return FormLabel::Kind::kDate;
  if (kind == "word") return FormLabel::Kind::kWord;
  RefuseTable(kind);
}

// "path=value path=value".
std::vector<Setting> ReadAlso(std::string_view also) {
  std::vector<Setting> settings;
  for (const absl::string_view each : absl::StrSplit(ToAbsl(also), ' ', absl::SkipEmpty())) {
    const std::string_view setting = FromAbsl(each);
    const size_t equals = setting.find('=');
    if (equals == setting.npos) RefuseTable(setting);
    settings.push_back({ReadFieldPath(setting.substr(0, equals)), std::string(setting.substr(equals + 1))});
  }
  return settings;
}

struct FormLabels {
  std::vector<FormLabel> all;
  absl::flat_hash_map<std::string, size_t> by_name;  // folded
};

const FormLabels& Labels() {
  static const auto* labels = [] {
    auto* read = new FormLabels();
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/form.csv").rows()) {
      if (!read->by_name.emplace(Fold(row["label"]), read->all.size()).second) RefuseTable(row["label"]);
      read->all.push_back(
          {row["label"], row["path"], ReadFieldPath(row["path"]), KindOf(row["kind"]), ReadAlso(row["also"])});
    }
    return read;
  }();
  return *labels;
}

std::string WithoutIndices(std::string_view path) {
  std::string plain;
  for (const char c : path) {
    if (c == '[' || c == ']' || (c >= '0' && c <= '9')) continue;
    plain += c;
  }
  return plain;
}

}  // namespace

FieldPath ReadFieldPath(std::string_view path) {
  FieldPath fields;
  const google::protobuf::Descriptor* message = v1::Exchange::descriptor();
  for (const absl::string_view name : absl::StrSplit(ToAbsl(path), '.')) {
    const google::protobuf::FieldDescriptor* field =
        message == nullptr ? nullptr : message->FindFieldByName(std::string(name));
    if (field == nullptr) RefuseTable(path);
    fields.push_back(field);
    message = field->message_type();
  }
  return fields;
}

const FormLabel* FindFormLabel(std::string_view folded) {
  const auto found = Labels().by_name.find(std::string(folded));
  return found == Labels().by_name.end() ? nullptr : &Labels().all[found->second];
}

const FormLabel* FindFormLabelOf(std::string_view path) {
  const std::string plain = WithoutIndices(path);
  const auto found = std::find_if(Labels().all.begin(), Labels().all.end(),
                                  [&](const FormLabel& label) { return label.path == plain; });
  return found == Labels().all.end() ? nullptr : &*found;
}

}  // namespace schotvrij::securemail
