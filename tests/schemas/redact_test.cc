#include "schemas/base/redact.h"

#include <memory>
#include <set>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "schotvrij/v1/audit.pb.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/facts.pb.h"
#include "schotvrij/v1/options.pb.h"
#include "schotvrij/v1/sealed.pb.h"

namespace schotvrij {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kText[] = "tell-tale";
constexpr int kNumber = 7654321;

bool IsSensitive(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::sensitive) != v1::SENSITIVE_UNSPECIFIED;
}

void SetField(Message* message, const FieldDescriptor* field);

// Sets every field of `message`; of a oneof the one that is `chosen` modulo its size.
void Fill(Message* message, int chosen) {
  const Descriptor* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const auto* oneof = field->real_containing_oneof();
    if (oneof != nullptr && field->index_in_oneof() != chosen % oneof->field_count()) continue;
    SetField(message, field);
  }
}

void SetField(Message* message, const FieldDescriptor* field) {
  const Reflection& r = *message->GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(many ? r.AddMessage(message, field) : r.MutableMessage(message, field), 0);
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? r.AddString(message, field, kText) : r.SetString(message, field, kText);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = field->enum_type()->value(field->enum_type()->value_count() - 1);
      return many ? r.AddEnum(message, field, value) : r.SetEnum(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return many ? r.AddBool(message, field, true) : r.SetBool(message, field, true);
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? r.AddInt32(message, field, kNumber) : r.SetInt32(message, field, kNumber);
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? r.AddUInt32(message, field, kNumber) : r.SetUInt32(message, field, kNumber);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? r.AddInt64(message, field, kNumber) : r.SetInt64(message, field, kNumber);
    case FieldDescriptor::CPPTYPE_UINT64:
      return many ? r.AddUInt64(message, field, kNumber) : r.SetUInt64(message, field, kNumber);
    default:
      FAIL() << field->full_name() << ": the canonical model has no floating point fields";
  }
}

// All message types that `type` can hold, itself among them.
void Collect(const Descriptor* type, std::set<const Descriptor*>* types) {
  if (!types->insert(type).second) return;
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->message_type() != nullptr) Collect(type->field(i)->message_type(), types);
  }
}

std::set<const Descriptor*> AllTypes() {
  std::set<const Descriptor*> types;
  for (const Descriptor* root : {v1::Exchange::descriptor(), v1::Facts::descriptor(), v1::StoredAnswer::descriptor(),
                                 v1::FrozenDelivery::descriptor(), v1::AuditEvent::descriptor()}) {
    Collect(root, &types);
  }
  return types;
}

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

TEST(ToJson, MasksEverySensitiveFieldOfEveryMessage) {
  int sensitive = 0;
  for (const Descriptor* type : AllTypes()) {
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      std::unique_ptr<Message> message = New(type);
      SetField(message.get(), field);
      std::string shown = *ToJson(*message, false);
      std::string revealed = *ToJson(*message, true);
      if (IsSensitive(*field)) {
        ++sensitive;
        EXPECT_EQ(shown, "{\n  \"" + field->json_name() + "\": \"***\"\n}") << field->full_name();
        EXPECT_THAT(revealed, Not(HasSubstr("***"))) << field->full_name();
      } else if (field->message_type() == nullptr) {
        EXPECT_EQ(shown, revealed) << field->full_name();
      }
    }
  }
  EXPECT_GE(sensitive, 12);
}

TEST(ToJson, MasksInNestedMessagesToo) {
  v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900006");
  exchange.mutable_client()->mutable_name()->set_own_name("Voorbeeld");
  exchange.mutable_assessment()->set_score(31337);
  std::string shown = *ToJson(exchange, false);
  for (const char* secret : {"999900006", "Voorbeeld", "31337"}) EXPECT_THAT(shown, Not(HasSubstr(secret)));
}

TEST(ToJson, RevealedIsTheMessageAsProtobufReadsIt) {
  for (int content = 0; content < 18; ++content) {
    v1::Exchange exchange;
    Fill(&exchange, content);
    v1::Exchange read;
    auto status = google::protobuf::util::JsonStringToMessage(*ToJson(exchange, true), &read);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(read.SerializeAsString(), exchange.SerializeAsString()) << content;
  }
}

TEST(ToJson, EscapesWhatJsonCannotHold) {
  v1::PartyIdentifier identifier;
  identifier.set_value("a\"b\\c\n\x01\x7f");
  EXPECT_EQ(*ToJson(identifier, true), "{\n  \"value\": \"a\\\"b\\\\c\\u000a\\u0001\\u007f\"\n}");
  EXPECT_EQ(*ToJson(v1::PartyIdentifier(), true), "{}");
}

TEST(FindUnknown, AFullMessageHasNone) {
  for (int content = 0; content < 18; ++content) {
    v1::Exchange exchange;
    Fill(&exchange, content);
    EXPECT_EQ(FindUnknown(exchange), "") << content;
  }
}

TEST(FindUnknown, NamesUnknownFieldsWhereverTheyAre) {
  v1::Exchange exchange;
  exchange.GetReflection()->MutableUnknownFields(&exchange)->AddVarint(999, 1);
  EXPECT_EQ(FindUnknown(exchange), "#999");

  v1::Exchange nested;
  v1::PersonName* name = nested.mutable_client()->mutable_name();
  name->GetReflection()->MutableUnknownFields(name)->AddLengthDelimited(77, "x");
  EXPECT_EQ(FindUnknown(nested), "client.name.#77");

  v1::Facts facts;
  facts.add_registrations();
  v1::RegistrationFact* second = facts.add_registrations();
  second->GetReflection()->MutableUnknownFields(second)->AddFixed32(88, 1);
  EXPECT_EQ(FindUnknown(facts), "registrations.#88");
}

TEST(FindUnknown, NamesUnknownEnumValuesWhereverTheyAre) {
  v1::Exchange exchange;
  exchange.mutable_client()->set_gender(static_cast<v1::AdministrativeGender>(99));
  EXPECT_EQ(FindUnknown(exchange), "client.gender");

  v1::Exchange repeated;
  repeated.mutable_consent()->add_purposes(static_cast<v1::Purpose>(1));
  EXPECT_EQ(FindUnknown(repeated), "");
  repeated.mutable_consent()->add_purposes(static_cast<v1::Purpose>(99));
  EXPECT_EQ(FindUnknown(repeated), "consent.purposes");
}

TEST(FindUnknown, SeesThemInBytesFromThePeer) {
  v1::Exchange exchange;
  ASSERT_TRUE(exchange.ParseFromString("\xd2\x3f\x01x"));  // field 1018, one byte
  EXPECT_EQ(FindUnknown(exchange), "#1018");
}

}  // namespace
}  // namespace schotvrij
