// What the last release promised still holds: its schema, and values that it wrote.
#include "tests/schemas/released.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "schemas/base/redact.h"
#include "schotvrij/config/v1/config.pb.h"
#include "schotvrij/errors/v1/error_details.pb.h"
#include "schotvrij/policy/v1/policy.pb.h"
#include "schotvrij/v1/audit.pb.h"
#include "schotvrij/v1/facts.pb.h"
#include "schotvrij/v1/sealed.pb.h"
#include "schotvrij/v1/services.pb.h"

namespace schotvrij::released {
namespace {

using google::protobuf::Message;
using google::protobuf::TextFormat;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::filesystem::path kTable =
    std::filesystem::path(SOURCE_DIR) / "schemas/released/schema.csv";
const std::filesystem::path kValues = std::filesystem::path(SOURCE_DIR) / "tests/schemas/released";

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<const FileDescriptor*> Roots() {
  return {config::v1::Config::descriptor()->file(), policy::v1::Document::descriptor()->file(),
          errors::v1::Status::descriptor()->file(), v1::AuditEvent::descriptor()->file(),
          v1::Facts::descriptor()->file(),          v1::FrozenDelivery::descriptor()->file(),
          v1::RegisterRequest::descriptor()->file()};
}

TEST(Released, WhatTheLastReleasePromisedOfItsSchemaHolds) {
  const std::vector<Entry> now = EntriesOf(Roots());
  ASSERT_GT(now.size(), 300u);
  if (const char* path = std::getenv("SCHOTVRIJ_RELEASE_TABLE")) {
    const std::string table = Read(kTable);
    std::ofstream out(path);
    out << table.substr(0, table.find("\nof,") + 1) << "of,number,name,type,label,personal\n";
    for (const Entry& entry : now) out << entry.Row() << "\n";
  }
  absl::StatusOr<Table> released = Table::Parse(kTable.string(), Read(kTable));
  ASSERT_TRUE(released.ok()) << released.status().message();
  for (const std::string& broken : Broken(*released, *DescriptorPool::generated_pool()))
    ADD_FAILURE() << broken;
}

constexpr char kSchema[] = R"(
name: "proef.proto" syntax: "proto3"
message_type { name: "Bericht"
  field { name: "naam" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL options { [schotvrij.v1.sensitive]: NAME } }
  field { name: "aantal" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }
  field { name: "soort" number: 3 type: TYPE_ENUM type_name: ".Soort" label: LABEL_OPTIONAL }
}
enum_type { name: "Soort" value { name: "NUL" number: 0 } value { name: "EEN" number: 1 } }
service { name: "Dienst" method { name: "Stuur" input_type: ".Bericht" output_type: ".Bericht" } }
)";

std::unique_ptr<DescriptorPool> Pool(const std::string& text) {
  google::protobuf::FileDescriptorProto file;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &file)) << text;
  auto pool = std::make_unique<DescriptorPool>();
  EXPECT_NE(pool->BuildFile(file), nullptr) << text;
  return pool;
}

// What is broken of kSchema when `from` in it becomes `to`.
std::vector<std::string> BrokenBy(const std::string& from, const std::string& to) {
  std::vector<Entry> entries;
  const auto was = Pool(kSchema);
  AddFile(*was->FindFileByName("proef.proto"), entries);
  std::string table = "of,number,name,type,label,personal\n";
  for (const Entry& entry : entries) table += entry.Row() + "\n";
  std::string text = kSchema;
  EXPECT_NE(text.find(from), text.npos) << from;
  text.replace(text.find(from), from.size(), to);
  return Broken(*Table::Parse("proef", table), *Pool(text));
}

struct Case {
  std::string name;
  std::string from;
  std::string to;
  std::string broken;  // empty: nothing is
};

const Case kCases[] = {
    {"Unchanged", "Bericht", "Bericht", ""},
    {"FieldAdded", "field { name: \"aantal\"",
     "field { name: \"nieuw\" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL } field { name: "
     "\"aantal\"",
     ""},
    {"ValueAdded", "value { name: \"EEN\"",
     "value { name: \"TWEE\" number: 2 } value { name: \"EEN\"", ""},
    {"Renamed", "\"aantal\"", "\"hoeveel\"",
     "Bericht,2,aantal,int32,, now: Bericht,2,hoeveel,int32,,"},
    {"Renumbered", "number: 2", "number: 5", "Bericht,2,aantal,int32,, now: nothing"},
    {"Retyped", "TYPE_INT32", "TYPE_INT64", "now: Bericht,2,aantal,int64,,"},
    {"MadeAList", "TYPE_INT32 label: LABEL_OPTIONAL", "TYPE_INT32 label: LABEL_REPEATED",
     "now: Bericht,2,aantal,int32,repeated,"},
    {"NoLongerPersonal", "options { [schotvrij.v1.sensitive]: NAME }", "",
     "Bericht,1,naam,string,,NAME now:"},
    {"PersonalInAnotherWay", "NAME", "ADDRESS",
     "Bericht,1,naam,string,,NAME now: Bericht,1,naam,string,,ADDRESS"},
    {"MadePersonal", "TYPE_INT32 label: LABEL_OPTIONAL",
     "TYPE_INT32 label: LABEL_OPTIONAL options { [schotvrij.v1.sensitive]: HEALTH }", ""},
    {"Removed", "field { name: \"aantal\" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }", "",
     "Bericht,2,aantal,int32,, now: nothing"},
    {"RemovedWithItsNumberReserved",
     "field { name: \"aantal\" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }",
     "reserved_range { start: 2 end: 3 }", "Bericht,2,aantal,int32,, now: nothing"},
    {"RemovedWithNumberAndNameReserved",
     "field { name: \"aantal\" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }",
     "reserved_range { start: 2 end: 3 } reserved_name: \"aantal\"", ""},
    {"ValueRenamed", "\"EEN\"", "\"UN\"", "Soort,1,EEN,value,, now: Soort,1,UN,value,,"},
    {"ValueRemoved", "value { name: \"EEN\" number: 1 }", "", "Soort,1,EEN,value,, now: nothing"},
    {"MethodGone", "name: \"Stuur\"", "name: \"Zend\"", "Dienst,0,Stuur"},
    {"MethodMadeAStream", "input_type", "server_streaming: true input_type",
     "now: Dienst,0,Stuur,Bericht,stream Bericht,"},
};

class ReleasedTest : public ::testing::TestWithParam<Case> {};

TEST_P(ReleasedTest, SaysWhichPromiseIsBroken) {
  const std::vector<std::string> broken = BrokenBy(GetParam().from, GetParam().to);
  if (GetParam().broken.empty()) {
    EXPECT_THAT(broken, IsEmpty());
  } else {
    EXPECT_THAT(broken, ElementsAre(HasSubstr(GetParam().broken)));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ReleasedTest, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

struct Value {
  std::string name;
  std::unique_ptr<Message> (*make)();
};

template <typename Type>
std::unique_ptr<Message> Make() {
  return std::make_unique<Type>();
}

const Value kWritten[] = {
    {"exchange_registration", &Make<v1::Exchange>}, {"exchange_receipt", &Make<v1::Exchange>},
    {"exchange_declaration", &Make<v1::Exchange>},  {"facts", &Make<v1::Facts>},
    {"stored_answer", &Make<v1::StoredAnswer>},     {"frozen_delivery", &Make<v1::FrozenDelivery>},
    {"audit_event", &Make<v1::AuditEvent>},
};

class WrittenTest : public ::testing::TestWithParam<Value> {};

// NAME.base64: the bytes as release 0.1.0 wrote them; NAME.txtpb: what it read them as.
TEST_P(WrittenTest, AValueOfTheLastReleaseReadsAsItDid) {
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(Read(kValues / (GetParam().name + ".base64")), &bytes));
  std::unique_ptr<Message> value = GetParam().make();
  ASSERT_TRUE(value->ParseFromString(bytes));
  EXPECT_EQ(FindUnknown(*value), "");
  std::string text;
  ASSERT_TRUE(TextFormat::PrintToString(*value, &text));
  EXPECT_EQ(text, Read(kValues / (GetParam().name + ".txtpb")));
  EXPECT_EQ(value->SerializeAsString(), bytes);
}

INSTANTIATE_TEST_SUITE_P(Values, WrittenTest, ::testing::ValuesIn(kWritten),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace schotvrij::released
