// Properties of minimising over random messages and random rules: nothing leaves that the rule does
// not name, and a narrower rule never shares more.
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/disclosure/step.h"
#include "policy/leaf_path.h"
#include "policy/minimiser.h"
#include "schotvrij/v1/exchange.pb.h"
#include "tests/policy/ede.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using schotvrij::v1::Exchange;
using Chance = std::mt19937;

constexpr int kRounds = 500;

bool Yes(Chance& chance) { return chance() % 2 == 0; }

std::string AnyText(const FieldDescriptor& field, Chance& chance) {
  if (IsDate(field)) {
    return CivilDate::FromYmd(1900 + chance() % 150, 1 + chance() % 12, 1 + chance() % 28)
        ->ToString();
  }
  constexpr const char* kTexts[] = {"gfi", "mmse", "999900006", "a", "target-group"};
  return kTexts[chance() % 5];
}

void Fill(Message& message, Chance& chance);

void FillOne(Message& message, const FieldDescriptor& field, Chance& chance) {
  const Reflection& r = *message.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Fill(*(list ? r.AddMessage(&message, &field) : r.MutableMessage(&message, &field)), chance);
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      list ? r.AddString(&message, &field, AnyText(field, chance))
           : r.SetString(&message, &field, AnyText(field, chance));
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = static_cast<int>(chance() % field.enum_type()->value_count());
      list ? r.AddEnumValue(&message, &field, value) : r.SetEnumValue(&message, &field, value);
      break;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      r.SetInt32(&message, &field, static_cast<int>(chance() % 61) - 30);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      r.SetInt64(&message, &field, static_cast<int64_t>(chance() % 61) - 30);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      r.SetBool(&message, &field, Yes(chance));
      break;
    default:
      FAIL() << field.full_name() << ": a type this test does not fill yet";
  }
}

void Fill(Message& message, Chance& chance) {
  const Descriptor& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.containing_oneof() != nullptr && field.containing_oneof()->name() == "content") {
      continue;
    }
    const int times = field.is_repeated() ? chance() % 4 : chance() % 2;
    for (int n = 0; n < times; ++n) FillOne(message, field, chance);
  }
}

Exchange AnyExchange(Chance& chance) {
  Exchange exchange;
  Fill(exchange, chance);
  const auto& contents = *Exchange::descriptor()->FindOneofByName("content");
  FillOne(exchange, *contents.field(chance() % contents.field_count()), chance);
  return exchange;
}

// All leaves of the model, by path.
void Leaves(const Descriptor& message, const std::string& prefix, std::vector<std::string>& paths) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string path = prefix + field.name();
    field.message_type() == nullptr ? paths.push_back(path)
                                    : Leaves(*field.message_type(), path + ".", paths);
  }
}

const std::vector<std::string>& AllPaths() {
  static const auto* paths = [] {
    auto* all = new std::vector<std::string>();
    Leaves(*Exchange::descriptor(), "", *all);
    return all;
  }();
  return *paths;
}

v1::Rule AnyRule(Chance& chance) {
  v1::Rule rule;
  for (const std::string& path : AllPaths()) {
    if (chance() % 3 != 0) continue;
    v1::Leaf& leaf = *rule.add_leaf();
    leaf.set_path(path);
    const LeafPath resolved = *ResolveLeaf(*Exchange::descriptor(), path);
    const v1::As as = static_cast<v1::As>(1 + chance() % 6);
    if (Yes(chance) && Fits(as, resolved.leaf())) leaf.set_as(as);
    if (leaf.as() == v1::GROUP) leaf.set_group_width(2 + chance() % 5);
    if (path.starts_with("registration.assessments.") && path.find("items") == path.npos &&
        Yes(chance)) {
      leaf.mutable_where()->set_sibling("instrument");
      leaf.mutable_where()->set_equals("gfi");
    }
  }
  return rule;
}

v1::Rule Narrower(const v1::Rule& rule, Chance& chance) {
  v1::Rule narrow;
  for (const v1::Leaf& leaf : rule.leaf()) {
    if (chance() % 4 == 0) continue;
    v1::Leaf& kept = *narrow.add_leaf();
    kept = leaf;
    const LeafPath resolved = *ResolveLeaf(*Exchange::descriptor(), leaf.path());
    const Grain coarser{static_cast<v1::As>(1 + chance() % 6),
                        AsOf(leaf) == v1::GROUP ? leaf.group_width() * 2 : 4};
    if (Fits(coarser.as, resolved.leaf()) &&
        SameOrCoarser(coarser, {AsOf(leaf), leaf.group_width()})) {
      kept.set_as(coarser.as);
      kept.set_group_width(coarser.as == v1::GROUP ? coarser.group_width : 0);
    }
  }
  return narrow;
}

MinimiserPlan Compile(const v1::Rule& rule) {
  return MinimiserPlan::Compile(*Exchange::descriptor(), rule.leaf());
}

Exchange SharedCopyOf(const MinimiserPlan& plan, const Exchange& from) {
  Exchange to;
  plan.Copy(
      from, plan.All(), [](std::string_view value) { return "p" + std::to_string(value.size()); },
      to);
  return to;
}

// Paths of all values that are set, without indices; a message without values counts as one, so
// that no trace goes unseen.
void SetPaths(const Message& message, const std::string& prefix, std::set<std::string>& paths) {
  std::vector<const FieldDescriptor*> fields;
  const Reflection& r = *message.GetReflection();
  r.ListFields(message, &fields);
  if (fields.empty()) paths.insert(prefix);
  for (const FieldDescriptor* field : fields) {
    const std::string path = prefix + (prefix.empty() ? "" : ".") + field->name();
    if (field->message_type() == nullptr) {
      paths.insert(path);
    } else if (!field->is_repeated()) {
      SetPaths(r.GetMessage(message, field), path, paths);
    } else {
      for (int i = 0; i < r.FieldSize(message, field); ++i) {
        SetPaths(r.GetRepeatedMessage(message, field, i), path, paths);
      }
    }
  }
}

std::set<std::string> SetPaths(const Exchange& exchange) {
  std::set<std::string> paths;
  if (exchange.ByteSizeLong() > 0) SetPaths(exchange, "", paths);
  return paths;
}

TEST(Property, OnlyLeavesOfTheRuleLeave) {
  Chance chance(20260302);
  for (int round = 0; round < kRounds; ++round) {
    const v1::Rule rule = AnyRule(chance);
    std::set<std::string> named;
    for (const v1::Leaf& leaf : rule.leaf()) named.insert(leaf.path());
    for (const std::string& path : SetPaths(SharedCopyOf(Compile(rule), AnyExchange(chance)))) {
      ASSERT_TRUE(named.contains(path)) << "round " << round << ": " << path;
    }
  }
}

TEST(Property, WhatIsSharedAsItIsAndWithoutConditionArrivesWhole) {
  Chance chance(1);
  v1::Rule rule;
  for (const std::string& path : AllPaths()) rule.add_leaf()->set_path(path);
  const MinimiserPlan plan = Compile(rule);
  for (int round = 0; round < kRounds; ++round) {
    const Exchange exchange = AnyExchange(chance);
    ASSERT_EQ(SetPaths(SharedCopyOf(plan, SharedCopyOf(plan, exchange))), SetPaths(SharedCopyOf(plan, exchange)));
    for (const std::string& path : SetPaths(SharedCopyOf(plan, exchange))) {
      ASSERT_TRUE(SetPaths(exchange).contains(path));
    }
  }
}

TEST(Property, ANarrowerRuleNeverSharesMore) {
  Chance chance(7);
  for (int round = 0; round < kRounds; ++round) {
    const v1::Rule wide = AnyRule(chance);
    const v1::Rule narrow = Narrower(wide, chance);
    const Exchange exchange = AnyExchange(chance);
    const std::set<std::string> more = SetPaths(SharedCopyOf(Compile(wide), exchange));
    for (const std::string& path : SetPaths(SharedCopyOf(Compile(narrow), exchange))) {
      ASSERT_TRUE(more.contains(path)) << "round " << round << ": " << path;
    }
    std::vector<std::string> keys;
    const MinimiserPlan accepted = Compile(wide);
    for (const auto& leaf : accepted.leaves()) keys.push_back(leaf.key);
    const MinimiserPlan plan = Compile(narrow);
    ASSERT_EQ(plan.AtMost(keys), plan.All()) << "round " << round;
  }
}

TEST(Property, CuttingTwiceIsCuttingOnceAndDisclosesTheSame) {
  Chance chance(11);
  for (int round = 0; round < kRounds; ++round) {
    v1::Rule rule = AnyRule(chance);
    // A condition looks at its sibling, which must therefore be kept too for a later disclosure.
    rule.add_leaf()->set_path("registration.assessments.instrument");
    const MinimiserPlan plan = Compile(rule);
    const MinimiserPlan* plans[] = {&plan};
    const Exchange exchange = AnyExchange(chance);
    Exchange once;
    MinimiserPlan::Cut(plans, exchange, once);
    Exchange twice;
    MinimiserPlan::Cut(plans, once, twice);
    ASSERT_EQ(once.SerializeAsString(), twice.SerializeAsString()) << "round " << round;
    ASSERT_EQ(SharedCopyOf(plan, once).SerializeAsString(), SharedCopyOf(plan, exchange).SerializeAsString())
        << "round " << round;
  }
}

TEST(Property, CuttingKeepsWhatCopyingAsItIsCopies) {
  Chance chance(17);
  for (int round = 0; round < kRounds; ++round) {
    v1::Rule rule = AnyRule(chance);
    for (v1::Leaf& leaf : *rule.mutable_leaf()) leaf.set_as(v1::ITSELF);
    const MinimiserPlan plan = Compile(rule);
    const MinimiserPlan* plans[] = {&plan};
    const Exchange exchange = AnyExchange(chance);
    Exchange cut;
    MinimiserPlan::Cut(plans, exchange, cut);
    ASSERT_EQ(cut.SerializeAsString(), SharedCopyOf(plan, exchange).SerializeAsString())
        << "round " << round;
  }
}

TEST(Property, ContentIsSharedWhereCopyingCopiesSome) {
  Chance chance(19);
  for (int round = 0; round < kRounds; ++round) {
    const MinimiserPlan plan = Compile(AnyRule(chance));
    const Exchange exchange = AnyExchange(chance);
    Exchange copy = SharedCopyOf(plan, exchange);
    copy.clear_envelope();
    const bool any = copy.ByteSizeLong() > 0;
    ASSERT_EQ(plan.SharesContent(exchange, [](std::string_view) { return "p"; }), any)
        << "round " << round;
  }
}

// Of the client and of others.
std::vector<schotvrij::v1::Contact*> ContactsOf(Exchange& exchange) {
  std::vector<schotvrij::v1::Contact*> contacts;
  for (auto& contact : *exchange.mutable_client()->mutable_contacts()) contacts.push_back(&contact);
  for (auto& relation : *exchange.mutable_client()->mutable_relations()) {
    for (auto& contact : *relation.mutable_contacts()) contacts.push_back(&contact);
  }
  return contacts;
}

constexpr const char* kSecret = "Geheimstraat";
constexpr int kSecretNumber = 24'242'424;

bool Says(const Exchange& exchange, const std::string& text) {
  return exchange.SerializeAsString().find(text) != std::string::npos;
}

TEST(Property, R24_OfASecretAddressNothingIsKeptOrLeavesWhateverARuleSays) {
  Chance chance(24);
  int shown = 0;
  for (int round = 0; round < kRounds; ++round) {
    const MinimiserPlan plan = Compile(AnyRule(chance));
    const MinimiserPlan* plans[] = {&plan};
    Exchange exchange = AnyExchange(chance);
    for (schotvrij::v1::Contact* contact : ContactsOf(exchange)) {
      if (!contact->address_secret()) continue;
      for (int i = 0; i < schotvrij::v1::Address::descriptor()->field_count(); ++i) {
        const FieldDescriptor& field = *schotvrij::v1::Address::descriptor()->field(i);
        if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
        contact->mutable_address()->GetReflection()->SetString(contact->mutable_address(), &field, kSecret);
      }
      contact->mutable_address()->set_house_number(kSecretNumber);
      contact->set_organisation(kSecret);
    }
    Exchange open = exchange;
    for (schotvrij::v1::Contact* contact : ContactsOf(open)) contact->clear_address_secret();
    Exchange kept;
    MinimiserPlan::Cut(plans, exchange, kept);
    const Exchange shared = SharedCopyOf(plan, exchange);
    for (Exchange out : {shared, kept}) {
      ASSERT_FALSE(Says(out, kSecret)) << "round " << round;
      for (const schotvrij::v1::Contact* contact : ContactsOf(out)) ASSERT_NE(contact->address().house_number(), kSecretNumber);
    }
    shown += Says(SharedCopyOf(plan, open), kSecret);
    // Whoever does not hide is not touched.
    for (schotvrij::v1::Contact* contact : ContactsOf(exchange)) {
      if (!contact->address_secret()) continue;
      contact->clear_address();
      contact->clear_organisation();
    }
    ASSERT_EQ(SharedCopyOf(plan, exchange).SerializeAsString(), shared.SerializeAsString()) << "round " << round;
  }
  EXPECT_GT(shown, kRounds / 10) << "without the mark the same rules share it";
}

// What may leave of each step of a registration.
std::set<std::string> LeavesOf(schotvrij::v1::RegistrationStep step) {
  std::set<std::string> leaves = {"envelope.sender", "envelope.message_id", "envelope.sent_on", "registration"};
  const bool names_client = step != schotvrij::v1::WITHDRAW && step != schotvrij::v1::END;
  if (names_client) leaves.insert({"client.bsn", "client.name.own_name", "client.name.own_prefix"});
  if (step != schotvrij::v1::REGISTER) leaves.insert({"registration.step", "registration.about"});
  if (!names_client) leaves.insert("registration.end_date");
  return leaves;
}

TEST(Property, UnderTheShippedDocumentsNothingButTheLeavesOfItsStepEverLeaves) {
  Chance chance(13);
  const Engine engine = test::EdeEngine();
  std::set<int> steps;
  int disclosed = 0;
  for (int round = 0; round < kRounds; ++round) {
    Exchange exchange = AnyExchange(chance);
    FillOne(exchange, *Exchange::descriptor()->FindFieldByName("registration"), chance);
    *exchange.mutable_registration()->add_consents() = test::EdeConsent();
    exchange.mutable_envelope()->set_network("ede");
    exchange.mutable_envelope()->set_sender("opella");
    exchange.mutable_envelope()->set_recipient("gemeente-ede");
    auto out = test::Disclose(engine, exchange);
    if (std::holds_alternative<Withheld>(out)) continue;
    ++disclosed;
    const schotvrij::v1::RegistrationStep step = StepOf(exchange);
    steps.insert(step);
    const std::set<std::string> leaves = LeavesOf(step);
    for (const std::string& path : SetPaths(std::get<Disclosure>(out).exchange())) {
      ASSERT_TRUE(leaves.contains(path)) << schotvrij::v1::RegistrationStep_Name(step) << " " << path;
    }
  }
  EXPECT_EQ(steps.size(), 5u) << "some step never leaves, and shows nothing";
  EXPECT_GT(disclosed, kRounds / 4);
}

}  // namespace
}  // namespace schotvrij::policy
