// The Wmo relation of the tests (tests/support/wmo.txtpb) and a message of each content that it exchanges, every field of which is filled.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "google/protobuf/message.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy::test {

inline std::string WmoText() {
  std::ifstream file(std::filesystem::path(SOURCE_DIR) / "tests/support/wmo.txtpb");
  EXPECT_TRUE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Engine WmoEngine(const std::string& text = WmoText()) { return Engine(Load({{"wmo.txtpb", text}}), nullptr); }

// Every leaf below `message` gets a value: a number, the first name of an enum, a date, or a text that nothing else holds. Of a content
// only `content` is filled.
inline void FillAll(google::protobuf::Message& message, std::string_view content, int* next) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (field.containing_oneof() != nullptr && field.real_containing_oneof() != nullptr && field.name() != content) continue;
    const bool many = field.is_repeated();
    const int value = ++*next;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        FillAll(many ? *reflection.AddMessage(&message, &field) : *reflection.MutableMessage(&message, &field), content, next);
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        const bool date = field.options().GetExtension(schotvrij::v1::form) == schotvrij::v1::DATE;
        const std::string text = date ? "2026-02-01" : "waarde " + std::to_string(value);
        many ? reflection.AddString(&message, &field, text) : reflection.SetString(&message, &field, text);
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        many ? reflection.AddEnumValue(&message, &field, 1) : reflection.SetEnumValue(&message, &field, 1);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        if (field.name() != "address_secret") reflection.SetBool(&message, &field, true);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(&message, &field, value);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetInt64(&message, &field, value);
        break;
      default:
        ADD_FAILURE() << field.full_name();
    }
  }
}

inline schotvrij::v1::Exchange WmoMessage(const std::string& content, bool from_municipality, int kind = 1) {
  schotvrij::v1::Exchange exchange;
  int next = 0;
  FillAll(exchange, content, &next);
  schotvrij::v1::Envelope& envelope = *exchange.mutable_envelope();
  envelope.set_network("wmo");
  envelope.set_sender(from_municipality ? "gemeente-proef" : "aanbieder-proef");
  envelope.set_recipient(from_municipality ? "aanbieder-proef" : "gemeente-proef");
  envelope.clear_sender_role();
  envelope.clear_recipient_role();
  envelope.set_judged_on(kToday);
  exchange.mutable_client()->set_bsn("999900006");
  if (content == "delivery_event") {
    exchange.mutable_delivery_event()->set_kind(static_cast<schotvrij::v1::DeliveryEventKind>(kind));
  }
  if (content == "support_request") {
    exchange.mutable_support_request()->set_kind(static_cast<schotvrij::v1::SupportRequestKind>(kind));
  }
  return exchange;
}

}  // namespace schotvrij::policy::test
