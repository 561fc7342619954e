#include "adapters/fhir/map/care_check.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/fhir/map/amount.h"
#include "adapters/fhir/map/resource_writer.h"
#include "schemas/base/strings.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij::fhir {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<const ElementRow*> RowsOfAll(std::initializer_list<std::optional<Part>> parts) {
  std::vector<const ElementRow*> rows;
  for (const std::optional<Part>& part : parts) {
    if (!part) continue;
    for (const ElementRow& row : RowsOf(*part)) {
      if (row.field != nullptr) rows.push_back(&row);
    }
  }
  return rows;
}

bool IsOfVolume(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field.message_type() == v1::Volume::descriptor();
}

// Whether one of the three forms of a volume is written for this one.
bool IsWritten(const v1::Volume& volume, const std::vector<const ElementRow*>& rows) {
  return IsQuantity(volume) && std::any_of(rows.begin(), rows.end(), [&](const ElementRow* row) {
    return row->form == Form::kQuantity || (row->form == Form::kRatio && IsRatio(volume)) ||
           (row->form == Form::kTotal && volume.frequency() == kWholePeriod);
  });
}

// Whether `field` of `owner` is written by this row.
bool IsWritten(const Message& owner, const FieldDescriptor& field, const ElementRow& row) {
  const auto* reflection = owner.GetReflection();
  if (row.form == Form::kSigned) return reflection->GetEnumValue(owner, row.beside) != v1::LEDGER_SIDE_UNSPECIFIED;
  if (row.codes == nullptr || field.cpp_type() != FieldDescriptor::CPPTYPE_STRING || field.is_repeated()) return true;
  return row.codes->FindWord(reflection->GetString(owner, &field)) != nullptr;
}

class Checker {
 public:
  Checker(const policy::Disclosure& disclosure, std::vector<const ElementRow*> rows, const FieldDescriptor* apart)
      : disclosure_(disclosure), rows_(std::move(rows)), apart_(apart) {}

  // Path of the first leaf of `message` that is not written; empty: all are. `path` is where the part stands, `below` where `message`
  // stands in the part, with a full stop behind it.
  std::string FirstLeft(const std::string& path, const std::string& below, const Message& message) const {
    std::vector<const FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    for (const FieldDescriptor* field : set) {
      if (field == apart_ || !field->options().GetExtension(v1::internal).empty()) continue;
      const std::string name = absl::StrCat(below, field->name());
      if (IsOfVolume(*field)) {
        const auto& volume = dynamic_cast<const v1::Volume&>(message.GetReflection()->GetMessage(message, field));
        if (volume.has_amount() && !IsWritten(volume, rows_)) return absl::StrCat(path, ".", name);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        std::string left = FirstLeft(path, absl::StrCat(name, "."), message.GetReflection()->GetMessage(message, field));
        if (!left.empty()) return left;
      } else if (SharedAs(disclosure_, absl::StrCat(path, ".", name)) == policy::v1::ITSELF && !IsLeafWritten(message, *field, name)) {
        return absl::StrCat(path, ".", name);
      }
    }
    return "";
  }

 private:
  bool IsLeafWritten(const Message& owner, const FieldDescriptor& field, const std::string& name) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const ElementRow* row) {
      if (row->is_read_only) return false;
      if (row->beside != nullptr && row->beside == &field) return true;
      return row->field_path == name && IsWritten(owner, field, *row);
    });
  }

  const policy::Disclosure& disclosure_;
  const std::vector<const ElementRow*> rows_;
  const FieldDescriptor* apart_;  // checked by itself
};

// What of the client goes into a Patient: the first field of it that does not.
std::string FirstLeft(const v1::Client& client) {
  v1::Client rest = client;
  rest.clear_bsn();
  rest.clear_name();
  rest.clear_gender();
  rest.clear_birth_date();
  rest.clear_birth_date_use();
  std::vector<const FieldDescriptor*> set;
  rest.GetReflection()->ListFields(rest, &set);
  return set.empty() ? "" : absl::StrCat("client.", set.front()->name());
}

}  // namespace

absl::Status CheckCarried(const CareMessage& message, const policy::Disclosure& disclosure) {
  const v1::Exchange& exchange = disclosure.exchange();
  const Message& content = exchange.GetReflection()->GetMessage(exchange, message.content);
  const std::string path(message.name());
  std::string left = FirstLeft(exchange.client());
  if (left.empty()) left = Checker(disclosure, RowsOfAll({message.frame_part}), message.list).FirstLeft(path, "", content);
  if (message.list != nullptr) {
    const Checker items(disclosure, RowsOfAll({message.item_part, message.referred_part}), nullptr);
    const auto* reflection = content.GetReflection();
    for (int i = 0; left.empty() && i < reflection->FieldSize(content, message.list); ++i) {
      left = items.FirstLeft(absl::StrCat(path, ".", message.list->name()), "", reflection->GetRepeatedMessage(content, message.list, i));
    }
  }
  return left.empty() ? absl::OkStatus() : absl::FailedPreconditionError(absl::StrCat("FHIR cannot carry ", left, " as it is"));
}

}  // namespace schotvrij::fhir
