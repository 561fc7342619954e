// What a release promised of its schema, as rows of a table (schemas/released/schema.csv), and what
// of that no longer holds. Fields, enum values and methods may be added. None may get another
// number, name, type or label, lose its mark as personal, or go, unless number and name are
// reserved.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "schemas/base/table.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij::released {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

struct Entry {
  std::string of;  // message, enum or service
  int number = 0;  // of a method 0: the wire has its name
  std::string name;
  std::string type;   // of a field its type or message; "value" of an enum; what a method takes
  std::string label;  // repeated, optional (absent is not zero), a oneof's name, or empty; what a
                      // method gives
  std::string personal;

  std::string Row() const {
    return of + "," + std::to_string(number) + "," + name + "," + type + "," + label + "," +
           personal;
  }
};

inline Entry EntryOf(const FieldDescriptor& field) {
  Entry entry{field.containing_type()->full_name(),
              field.number(),
              field.name(),
              field.type_name(),
              "",
              ""};
  if (field.message_type() != nullptr) entry.type = field.message_type()->full_name();
  if (field.enum_type() != nullptr) entry.type = field.enum_type()->full_name();
  if (field.real_containing_oneof() != nullptr) {
    entry.label = field.real_containing_oneof()->name();
  } else if (field.is_repeated()) {
    entry.label = "repeated";
  } else if (field.has_optional_keyword()) {
    entry.label = "optional";
  }
  const v1::Sensitive sensitive = field.options().GetExtension(v1::sensitive);
  if (sensitive != v1::SENSITIVE_UNSPECIFIED) entry.personal = v1::Sensitive_Name(sensitive);
  return entry;
}

inline Entry EntryOf(const EnumValueDescriptor& value) {
  return {value.type()->full_name(), value.number(), value.name(), "value", "", ""};
}

inline Entry EntryOf(const MethodDescriptor& method) {
  return {method.service()->full_name(),
          0,
          method.name(),
          method.input_type()->full_name(),
          (method.server_streaming() ? "stream " : "") + method.output_type()->full_name(),
          ""};
}

inline void AddMessage(const Descriptor& message, std::vector<Entry>& entries) {
  for (int i = 0; i < message.field_count(); ++i) entries.push_back(EntryOf(*message.field(i)));
  for (int i = 0; i < message.nested_type_count(); ++i)
    AddMessage(*message.nested_type(i), entries);
  for (int i = 0; i < message.enum_type_count(); ++i) {
    for (int j = 0; j < message.enum_type(i)->value_count(); ++j) {
      entries.push_back(EntryOf(*message.enum_type(i)->value(j)));
    }
  }
}

inline void AddFile(const FileDescriptor& file, std::vector<Entry>& entries) {
  for (int i = 0; i < file.message_type_count(); ++i) AddMessage(*file.message_type(i), entries);
  for (int i = 0; i < file.enum_type_count(); ++i) {
    for (int j = 0; j < file.enum_type(i)->value_count(); ++j)
      entries.push_back(EntryOf(*file.enum_type(i)->value(j)));
  }
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j)
      entries.push_back(EntryOf(*file.service(i)->method(j)));
  }
}

// `roots` and all files of ours that they import.
inline std::vector<Entry> EntriesOf(const std::vector<const FileDescriptor*>& roots) {
  std::vector<Entry> entries;
  std::vector<const FileDescriptor*> files = roots;
  std::set<const FileDescriptor*> seen;
  for (size_t i = 0; i < files.size(); ++i) {
    if (!files[i]->package().starts_with("schotvrij") || !seen.insert(files[i]).second) continue;
    AddFile(*files[i], entries);
    for (int j = 0; j < files[i]->dependency_count(); ++j) files.push_back(files[i]->dependency(j));
  }
  return entries;
}

// What stands in `pool` where `row` stood, as a row; empty where nothing stands, and nothing has
// to.
inline std::string Now(const Table::Row& row, const DescriptorPool& pool) {
  const std::string of(row["of"]);
  const std::string name(row["name"]);
  const int number = std::stoi(std::string(row["number"]));
  if (const Descriptor* message = pool.FindMessageTypeByName(of)) {
    if (const FieldDescriptor* field = message->FindFieldByNumber(number))
      return EntryOf(*field).Row();
    return message->IsReservedNumber(number) && message->IsReservedName(name) ? "" : "nothing";
  }
  if (const EnumDescriptor* type = pool.FindEnumTypeByName(of)) {
    if (const EnumValueDescriptor* value = type->FindValueByNumber(number))
      return EntryOf(*value).Row();
    return type->IsReservedNumber(number) && type->IsReservedName(name) ? "" : "nothing";
  }
  if (const ServiceDescriptor* service = pool.FindServiceByName(of)) {
    if (const MethodDescriptor* method = service->FindMethodByName(name))
      return EntryOf(*method).Row();
  }
  return "nothing";
}

// Each promise that `pool` breaks.
inline std::vector<std::string> Broken(const Table& released, const DescriptorPool& pool) {
  std::vector<std::string> broken;
  for (const Table::Row& row : released.rows()) {
    std::string was;
    for (const char* column : {"of", "number", "name", "type", "label", "personal"}) {
      was += (was.empty() ? "" : ",") + std::string(row[column]);
    }
    const std::string now = Now(row, pool);
    // What was not marked as personal may become so.
    const bool marked = was.ends_with(",") && now.starts_with(was);
    if (!now.empty() && now != was && !marked)
      broken.push_back("released: " + was + " now: " + now);
  }
  return broken;
}

}  // namespace schotvrij::released
