#include "gateway/identity/enrolment_text.h"

#include <cctype>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace schotvrij::identity {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kFingerprint(64, 'a');
const std::string kOtherFingerprint(64, 'b');

// Layouts that people and programs write, each with participants een and twee.
struct Layout {
  const char* name;
  std::string text;
};

std::string WithCrlf(std::string text) {
  for (size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2) text.replace(at, 1, "\r\n");
  return text;
}

std::vector<Layout> Layouts() {
  const std::string usual = R"(# Who takes part.
participant {
  key: "een"  # the first
  name: "Zorg Een"
  # until the spring
  peer {
    san_uri: "urn:example:een"
  }
  route { mailbox {} }
}

# Another.
participant {
  key: "twee"
  name: "Gemeente Twee"
  peer { san_uri: "urn:example:twee" }
}
# The end.
)";
  return {
      {"usual", usual},
      {"crlf", WithCrlf(usual)},
      {"no end of the last line", usual.substr(0, usual.size() - 1)},
      {"blanks behind the last line", usual + "  "},
      {"tight", R"(participant{key:"een"name:"Zorg Een"peer{san_uri:"urn:example:een"}}participant{key:"twee"})"},
      {"several on a line", "participant { key: \"een\" peer { san_uri: \"urn:a:b\" } } participant { key: \"twee\" } # both\n"},
      {"strings with braces, quotes and signs",
       "participant {\n  key: \"een\"\n  name: \"} participant { key: \\\"drie\\\" # no comment\"\n}\n"
       "participant { key: 'twee' name: 'it\\'s } \"so\"' \"and {\" }\n"},
      {"angles, colons and separators",
       "participant: <\n  key: \"een\";\n  route: < mailbox: <> >,\n>,\nparticipant < key: \"twee\", >;\n"},
      {"comments everywhere",
       "participant # a { brace\n{ # another }\n  # key: \"no\"\n  key: # here\n    \"een\" # there\n  ; # and here\n"
       "  peer { san_uri: \"urn:a:b\" # x }\n  }\n} # }\nparticipant { key: \"twee\" }"},
      {"tabs",
       "\tparticipant\t{\n\t\tkey:\t\"een\"\n\t\tpeer\t{\tsan_uri:\t\"urn:a:b\"\t}\n\t}\n\tparticipant\t{\tkey:\t\"twee\"\t}\n"},
  };
}

EnrolmentText Parsed(const std::string& text, const std::string& name = "enrolment.conf") {
  absl::StatusOr<EnrolmentText> parsed = EnrolmentText::Parse(name, text);
  if (!parsed.ok()) ADD_FAILURE() << parsed.status() << "\n" << text;
  return parsed.ok() ? *parsed : *EnrolmentText::Parse(name, "");
}

const char* const kThird = R"(# What comes before is not taken.
participant {
  key: "drie"  # kept
  name: "{ \"Drie\" }"
  route { mailbox {} }
}
# Nor this.
)";

// What is left of `text` without `part`, which stands there once; empty when it does not.
std::string Without(std::string text, const std::string& part) {
  const size_t at = text.find(part);
  return at == text.npos ? "" : text.erase(at, part.size());
}

class EveryLayout : public ::testing::TestWithParam<Layout> {
 protected:
  const EnrolmentText before_ = Parsed(GetParam().text);
};

TEST_P(EveryLayout, WhatWasAddedAndRemovedLeavesTheSameBytes) {
  const absl::StatusOr<EnrolmentText> added = before_.Add(Parsed(kThird));
  ASSERT_TRUE(added.ok()) << added.status();
  ASSERT_NE(added->Find("drie"), nullptr);
  EXPECT_EQ(added->Find("drie")->name(), "{ \"Drie\" }");
  EXPECT_EQ(added->document().participant_size(), 3);
  EXPECT_THAT(added->text(), StartsWith(before_.text()));
  EXPECT_THAT(added->text(), HasSubstr("# kept"));
  const absl::StatusOr<EnrolmentText> removed = added->Remove("drie");
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->text(), before_.text());
}

TEST_P(EveryLayout, WhoIsSuspendedAndResumedHasTheSameBytes) {
  for (const char* key : {"een", "twee"}) {
    const absl::StatusOr<EnrolmentText> suspended = before_.Suspend(key);
    ASSERT_TRUE(suspended.ok()) << suspended.status();
    EXPECT_TRUE(suspended->Find(key)->suspended());
    EXPECT_FALSE(suspended->Find(std::string_view(key) == "een" ? "twee" : "een")->suspended());
    EXPECT_EQ(suspended->Suspend(key)->text(), suspended->text());
    const absl::StatusOr<EnrolmentText> resumed = suspended->Resume(key);
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    EXPECT_EQ(resumed->text(), before_.text());
    EXPECT_EQ(resumed->Resume(key)->text(), before_.text());
  }
}

TEST_P(EveryLayout, APeerIsAddedBesideTheOthersAndRetiredAlone) {
  for (const char* key : {"een", "twee"}) {
    const int peers = before_.Find(key)->peer_size();
    const absl::StatusOr<EnrolmentText> first = before_.AddPeer(key, kFingerprint);
    ASSERT_TRUE(first.ok()) << first.status();
    const absl::StatusOr<EnrolmentText> both = first->AddPeer(key, kOtherFingerprint);
    ASSERT_TRUE(both.ok()) << both.status();
    ASSERT_EQ(both->Find(key)->peer_size(), peers + 2);
    EXPECT_EQ(both->Find(key)->peer(peers).sha256(), kFingerprint);
    EXPECT_EQ(both->Find(key)->peer(peers + 1).sha256(), kOtherFingerprint);
    const std::string added = "peer { sha256: \"" + kFingerprint + "\" }";
    EXPECT_NE(Without(first->text(), added), "");
    const absl::StatusOr<EnrolmentText> retired = both->RemovePeer(key, kFingerprint);
    ASSERT_TRUE(retired.ok()) << retired.status();
    ASSERT_EQ(retired->Find(key)->peer_size(), peers + 1);
    EXPECT_EQ(retired->Find(key)->peer(peers).sha256(), kOtherFingerprint);
    EXPECT_EQ(retired->RemovePeer(key, kFingerprint).status().code(), absl::StatusCode::kNotFound);
  }
}

TEST_P(EveryLayout, AReplacedBlockIsAllThatIsReplaced) {
  const EnrolmentText file = Parsed("participant { key: \"een\" name: \"Nieuw\" }");
  const absl::StatusOr<EnrolmentText> replaced = before_.Replace(file);
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  EXPECT_EQ(replaced->Find("een")->name(), "Nieuw");
  const std::string rest = Without(replaced->text(), "participant { key: \"een\" name: \"Nieuw\" }");
  ASSERT_NE(rest, "");
  size_t same = 0;
  while (same < rest.size() && rest[same] == before_.text()[same]) ++same;
  EXPECT_TRUE(before_.text().ends_with(rest.substr(same)));
}

TEST_P(EveryLayout, ARemovedOneIsGoneAndItsNeighbourReadsAsBefore) {
  for (const char* key : {"een", "twee"}) {
    const absl::StatusOr<EnrolmentText> left = before_.Remove(key);
    ASSERT_TRUE(left.ok()) << left.status();
    EXPECT_EQ(left->Find(key), nullptr);
    EXPECT_EQ(left->document().participant_size(), 1);
    const absl::StatusOr<EnrolmentText> none = left->Remove(left->document().participant(0).key());
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_EQ(none->document().participant_size(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(EnrolmentText, EveryLayout, ::testing::ValuesIn(Layouts()), [](const auto& info) {
  std::string name = info.param.name;
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
});

TEST(EnrolmentText, OnlyTheLineThatIsAddedDiffers) {
  const EnrolmentText before = Parsed(Layouts()[0].text);
  EXPECT_EQ(Without(before.Suspend("een")->text(), "  suspended: true\n"), before.text());
  EXPECT_EQ(Without(before.AddPeer("een", kFingerprint)->text(), "  peer { sha256: \"" + kFingerprint + "\" }\n"), before.text());
  const EnrolmentText crlf = Parsed(Layouts()[1].text);
  EXPECT_EQ(Without(crlf.Suspend("een")->text(), "  suspended: true\r\n"), crlf.text());
  EXPECT_EQ(crlf.Add(Parsed(kThird))->text().find("\n\n"), std::string::npos);
  EXPECT_EQ(Without(Parsed(Layouts()[4].text).Suspend("een")->text(), "suspended: true;"), Layouts()[4].text);
}

TEST(EnrolmentText, WhatAPersonWroteIsTakenAway) {
  for (const auto& [text, left] :
       {std::pair("participant { key: \"a\" suspended: true }\n", "participant { key: \"a\" }\n"),
        {"participant {\n  key: \"a\"\n  suspended: true  # the audit\n}\n", "participant {\n  key: \"a\"\n   # the audit\n}\n"},
        {"participant {\n  suspended: 1,\n  key: \"a\"\n}\n", "participant {\n  key: \"a\"\n}\n"},
        {"participant { suspended: t # why\n ; key: \"a\" }\n", "participant { # why\n  key: \"a\" }\n"}}) {
    const absl::StatusOr<EnrolmentText> resumed = Parsed(text).Resume("a");
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    EXPECT_EQ(resumed->text(), left);
  }
  EXPECT_EQ(Parsed("participant { suspended: false key: \"a\" }").Suspend("a")->text(),
            "participant { suspended: true key: \"a\" }");
}

TEST(EnrolmentText, AMailCertificateIsPointedToAndAddedForWhatIsSigned) {
  const std::string text = R"(participant {
  key: "a"
  route { mail { address: "a@a.example" certificate_file: "mail/" 'old.crt' cipher: AES_256_GCM } }  # mail
  mail_sender {
    address: "a@a.example"
    certificate_file: "mail/old.crt"
  }
}
participant { key: "b" mail_sender { address: "b@b.example" relay: "r" } }
)";
  const absl::StatusOr<EnrolmentText> set = Parsed(text).SetMailCertificate("a", "mail/new.crt");
  ASSERT_TRUE(set.ok()) << set.status();
  std::string expected = text;
  expected.replace(expected.find("\"mail/\" 'old.crt'"), 17, "\"mail/new.crt\"");
  const std::string line = "    certificate_file: \"mail/old.crt\"\n";
  expected.insert(expected.find(line) + line.size(), "    certificate_file: \"mail/new.crt\"\n");
  EXPECT_EQ(set->text(), expected);
  EXPECT_EQ(set->SetMailCertificate("a", "mail/new.crt")->text(), expected);
  EXPECT_EQ(Parsed(text).SetMailCertificate("b", "x").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(EnrolmentText, WhatStandsInAListIsForAPerson) {
  const EnrolmentText list = Parsed("participant: [ { key: \"a\" }, { key: \"b\" suspended: true } ]\n");
  for (const absl::Status& status : {list.Suspend("a").status(), list.Resume("b").status(), list.Remove("a").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("edit the file by hand"));
  }
  EXPECT_FALSE(list.PlaceOf("a").has_value());
  const EnrolmentText peers = Parsed("participant { key: \"a\" peer: [ { sha256: \"" + kFingerprint + "\" }, { oin: \"1\" } ] }");
  EXPECT_EQ(peers.RemovePeer("a", kFingerprint).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(peers.AddPeer("a", kOtherFingerprint)->Find("a")->peer_size(), 3);
}

TEST(EnrolmentText, WhatCannotBeIsRefused) {
  const EnrolmentText text = Parsed(Layouts()[0].text);
  EXPECT_EQ(text.Suspend("vier").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(text.Add(Parsed("participant { key: \"een\" }")).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(text.Replace(Parsed("participant { key: \"vier\" }")).status().code(), absl::StatusCode::kNotFound);
  for (const char* wrong : {"", "# nothing\n", "participant { key: \"a\" } participant { key: \"b\" }",
                            "participant: [ { key: \"a\" } ]"}) {
    const absl::Status status = text.Add(Parsed(wrong, "new.conf")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong;
    EXPECT_THAT(std::string(status.message()), StartsWith("new.conf:1:1: "));
  }
  const absl::Status wrong = EnrolmentText::Parse("e.conf", "participant {\n  key: \"a\"\n  colour: 3\n}").status();
  EXPECT_EQ(wrong.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(wrong.message()), StartsWith("e.conf:3:3: "));
}

TEST(EnrolmentText, ABlockHasItsPlace) {
  const EnrolmentText text = Parsed("# x\n\n  participant {\n key: \"a\"\n} participant { key: \"b\" }\n");
  const auto first = text.PlaceOf("a"), second = text.PlaceOf("b");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(std::tuple(first->line, first->column, first->last_line), std::tuple(3, 3, 5));
  EXPECT_EQ(std::tuple(second->line, second->column, second->last_line), std::tuple(5, 3, 5));
  EXPECT_FALSE(text.PlaceOf("c").has_value());
}

}  // namespace
}  // namespace schotvrij::identity
