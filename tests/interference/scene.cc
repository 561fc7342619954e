#include "tests/interference/scene.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/canonical/canonical.h"
#include "adapters/securemail/securemail.h"
#include "gateway/transport/grpc/status.h"
#include "gateway/transport/http/fhir_api.h"
#include "gateway/transport/mail/message.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "schotvrij/policy/v1/policy.pb.h"
#include "tests/gateway/exchange/world.h"
#include "tests/interference/leak.h"
#include "tests/interference/tables.h"

namespace schotvrij::interference {
namespace {

constexpr char kSender[] = "opella";
constexpr char kOther[] = "zorggroep";  // the other provider
constexpr char kOthersClient[] = "999900018";
constexpr char kGateway[] = "schotvrij@gateway.example";
constexpr char kPartiesFile[] = "parties.csv";
constexpr int64_t kAwayUs = 3 * int64_t{86'400'000'000};

policy::v1::Document Parsed(std::string_view path) {
  policy::v1::Document document;
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(std::string(EmbeddedText(path)), &document))
      << path;
  return document;
}

std::string Printed(const policy::v1::Document& document) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(document, &text);
  return text;
}

// Lets every registration rule share `path` as well.
void Share(const std::string& path, google::protobuf::RepeatedPtrField<policy::v1::Rule>* rules) {
  for (policy::v1::Rule& rule : *rules) {
    if (rule.content() == "registration") rule.add_leaf()->set_path(path);
  }
}

// Reached in the network of a relay, in which it answers as well.
void Relay(const Table::Row& party, config::v1::Participant* participant) {
  config::v1::RelayedMail& route = *participant->mutable_route()->mutable_relayed_mail();
  route.set_address(std::string(party["relay"]));
  route.set_relay("zorgnet");
  participant->mutable_mail_sender()->set_address(route.address());
  participant->mutable_mail_sender()->set_relay(route.relay());
}

bool IsIdCharacter(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// Where the next id of 32 hexadecimal digits begins, at or behind `at`; npos: none.
size_t FindId(std::string_view text, size_t at) {
  size_t run = 0;
  for (; at < text.size(); ++at) {
    run = IsIdCharacter(text[at]) ? run + 1 : 0;
    if (run == 32 && (at + 1 == text.size() || !IsIdCharacter(text[at + 1]))) return at - 31;
  }
  return std::string_view::npos;
}

// Each once, in the order in which they stand there.
void AddIds(const std::string& text, std::vector<std::string>* ids) {
  for (size_t at = FindId(text, 0); at != text.npos; at = FindId(text, at + 32)) {
    const std::string id = text.substr(at, 32);
    if (std::find(ids->begin(), ids->end(), id) == ids->end()) ids->push_back(id);
  }
}

// Asks for scores where `network` has a verdict.
policy::v1::Document Scored(policy::v1::Document document) {
  policy::v1::Network& network = *document.mutable_network();
  network.set_key(network.key() + "-scored");
  for (policy::v1::Agreement& agreement : *network.mutable_agreement()) {
    agreement.mutable_target_group()->clear_criterion();
    for (const auto& [key, instrument] :
         {std::pair("frail", "gfi"), std::pair("cognition", "mmse")}) {
      policy::v1::Criterion& criterion = *agreement.mutable_target_group()->add_criterion();
      criterion.set_key(key);
      criterion.set_title(key);
      criterion.set_basis(policy::v1::Criterion::SCORED);
      criterion.set_instrument(instrument);
      criterion.set_at_least(4);
      criterion.set_max_age_days(90);
    }
    for (policy::v1::Rule& rule : *agreement.mutable_rule()) rule.set_id(rule.id() + "-scored");
  }
  return document;
}

bool IsOfMunicipality(Slot slot) { return slot == Slot::kAnswer || slot == Slot::kOrder; }

bool TakesTheRegistrationsPlace(Slot slot) {
  return slot == Slot::kRegistration || slot == Slot::kMessage || slot == Slot::kOrder;
}

class Scene {
 public:
  Scene(const Setting& setting, const Plot& plot)
      : plot_(plot),
        world_(setting.enrolment, setting.rules),
        api_({world_.road.get(), &api_random_, &world_.executor, "release", "2026-11-01"}),
        slot_api_({world_.road.get(), &slot_random_, &world_.executor, "release", "2026-11-01"}) {
    for (const config::v1::Participant& party : setting.enrolment.participant()) {
      views_.of[party.key()];
      watches_.push_back(
          world_.road->OnMail(party.key(), [this, key = party.key()] { ++rings_[key]; }));
    }
  }

  Views Run(const std::optional<Message>& message) {
    Register(kOther, "00000002", kOthersClient, "Elders", "elders");
    Deliver();
    if (message && !message->bsn.empty()) client_ = message->bsn;
    for (auto& [party, view] : views_.of) view.push_back(kSendersTurn);
    if (TakesTheRegistrationsPlace(plot_.slot)) {
      if (message) Say(*message);
    } else {
      Register(kSender, "00000001", kSendersClient, "Testmeer", "eigen");
    }
    Deliver();
    FindDelivery();
    const bool early = plot_.slot != Slot::kExpiry;  // else what is seen so early is the same in each play
    if (early) LookAll("after the registration");
    if (plot_.slot == Slot::kConsent) {
      if (message) Say(*message);
      LookAll("after the consent");
    }
    if (plot_.slot == Slot::kStep) {
      if (message) Say(*message);
      Deliver();
      FindDelivery();  // which is answered below
      LookAll("after the step");
    }
    Acknowledge();
    if (plot_.slot != Slot::kAnswer) {
      AnswerBy(R"("accepted")");
    } else if (message) {
      Say(*message);
    }
    if (early) LookAll("after the answer");
    if (plot_.slot == Slot::kHold) {
      if (message) Say(*message);
      LookAll("after the hold");
    }
    if (plot_.slot == Slot::kWithdrawal) {
      if (message) Say(*message);
      Deliver();
      LookAll("after the withdrawal");
    }
    if (plot_.slot == Slot::kExpiry) {
      if (message) Say(*message);
      LookAll("after the consent that runs out");
      SleepDays();
      Deliver();
      LookAll("after it ran out");
    }
    for (auto& [party, view] : views_.of) view.push_back(kOthersTurn);
    Register(kOther, "00000002", kSendersClient, "Testmeer", "zelfde");
    Deliver();
    LookAll("at the end");
    return std::move(views_);
  }

 private:
  void Note(const std::string& party, const std::string& what, const std::string& bytes) {
    views_.of[party].push_back(absl::StrCat(what, ": ", bytes));
  }

  // The whole of an HTTP exchange, as the caller sees it.
  http::Response Ask(const http::FhirApi& api, const std::string& party, http::Request request,
                     const std::string& what) {
    request.caller = exchange::World::As(party);
    std::optional<http::Response> response;
    api.Handle(std::move(request), [&](http::Response given) { response = std::move(given); });
    world_.Drive();
    EXPECT_TRUE(response.has_value()) << "no answer";
    if (!response) response = api.Refuse(http::Refusal::kFailed, {});
    std::string seen = absl::StrCat(response->status, "\n");
    for (const http::Field& field : response->fields)
      absl::StrAppend(&seen, field.name, ": ", field.value, "\n");
    std::visit(
        [&](const auto& body) { absl::StrAppend(&seen, body.media_type(), "\n", body.bytes()); },
        response->body);
    Note(party, what, seen);
    return *std::move(response);
  }

  static http::Request Request(const std::string& method, const std::string& target,
                               const std::string& body, std::vector<http::Field> fields) {
    const size_t mark = target.find('?');
    http::Request request;
    request.method = method;
    request.path = target.substr(0, mark);
    if (mark != target.npos) request.query = target.substr(mark + 1);
    request.fields = std::move(fields);
    request.body = body;
    return request;
  }

  static std::string BodyOf(const http::Response& response) {
    return std::visit([](const auto& body) { return body.bytes(); }, response.body);
  }

  void Get(const std::string& party, const std::string& target, const std::string& what) {
    Ask(api_, party, Request("GET", target, "", {}), what);
  }
  std::string Search(const std::string& party, const std::string& type, const std::string& form,
                     const std::string& what) {
    return BodyOf(Ask(api_, party,
                      Request("POST", absl::StrCat("/fhir/", type, "/_search"), form,
                              {{"content-type", "application/x-www-form-urlencoded"}}),
                      absl::StrCat(type, " ", what)));
  }

  // A registration that is the same in each play.
  void Register(const std::string& party, const std::string& agb, const std::string& bsn,
                const std::string& surname, const std::string& key) {
    const std::string body = absl::StrReplaceAll(
        world_.Example(), {{kSendersClient, bsn},
                           {"00000001", agb},
                           {"Testmeer", surname},
                           {"van der", "de"},
                           {"ede-2026-000001", key},
                           {"consent-2026-000001", absl::StrCat("toestemming-", key)},
                           {"0228", CodeOf(plot_.municipality)}});
    Ask(api_, party, Request("POST", "/fhir", body, {{"content-type", "application/fhir+json"}}),
        "registration");
  }

  // The message that varies. What it was answered is what its speaker sees, and decides what others
  // may.
  void Say(const Message& message) {
    const std::string speaker = SpeakerOf(plot_);
    RememberForLeak(message.body);
    if (!message.mail_key.empty()) return Write(speaker, message);
    if (message.method.empty()) {
      policy::Answer answer = world_.Receive(speaker, message.body, exchange::Format::kCanonical);
      const grpc::Status status = rpc::StatusOf(answer);
      Note(speaker, "call",
           absl::StrCat(status.error_code(), "\n", status.error_message(), "\n",
                        status.error_details(), "\n", answer.message_id, "\n", answer.network));
      views_.accepted = answer.state == policy::Answer::State::kReceived;
      views_.refused_for = exchange::Told(answer);
      return;
    }
    const http::Response response =
        Ask(slot_api_, speaker,
            Request(message.method, message.target, message.body, message.headers), "the message");
    views_.accepted = response.status < 300;
    if (!views_.accepted) views_.refused_for = BodyOf(response);
  }

  // As the inbox puts it on the road, and what it writes back.
  void Write(const std::string& speaker, const Message& message) {
    std::optional<policy::Answer> answer;
    world_.road->Receive({exchange::World::As(speaker), exchange::Format::kSecureMail, "mail", message.body, "trace", message.mail_key, ""},
                         [&](policy::Answer given) { answer = std::move(given); });
    world_.Drive();
    ASSERT_TRUE(answer.has_value()) << "no answer";
    views_.accepted = answer->state == policy::Answer::State::kReceived;
    views_.refused_for = exchange::Told(*answer);
    const bool silent = views_.accepted && answer->shape == securemail::kAnswerShape;
    Note(speaker, "mail back", silent ? "" : securemail::EncodeAnswer(*answer).bytes());
  }

  // Mail fails the first time and is taken the second; meanwhile everybody sees what goes by and
  // when.
  void Deliver() {
    NoteMail();
    for (int second = 0; second < 4; ++second) {
      world_.PassUs(1'000'000);
      NoteMail();
    }
  }

  // As if the gateway was down; then comes its round.
  void SleepDays() {
    world_.clock.now.us += kAwayUs;
    world_.PassUs(limits::kTimerRoundUs);
  }

  void NoteMail() {
    while (mails_ < world_.outbound.attempts.size()) {
      const exchange::TestOutbound::Attempt& attempt = world_.outbound.attempts[mails_++];
      const std::string& to = exchange::MailAddressOf(world_.enrolment->Find(attempt.recipient)->route());
      absl::StatusOr<std::string> mail = mail::WriteMessage({kGateway,
                                                             to,
                                                             attempt.frozen.message_id(),
                                                             attempt.frozen.mail_message_id(),
                                                             {attempt.frozen.sent_at_us()}},
                                                            attempt.encoded.bytes());
      EXPECT_TRUE(mail.ok());
      Note(attempt.recipient,
           absl::StrCat("mail at ", world_.clock.now.us, " from ", kGateway, " to ", to),
           mail.value_or(""));
      const bool first = mailed_.insert(attempt.frozen.message_id()).second;
      using Kind = exchange::DeliveryOutcome::Kind;
      world_.MailEnds(first ? exchange::DeliveryOutcome{Kind::kTransient, "smtp-451"}
                            : exchange::DeliveryOutcome{Kind::kAccepted, ""});
    }
  }

  // The delivery that the sender's registration became: the newest that the municipality has of it.
  void FindDelivery() {
    absl::StatusOr<std::vector<store::Delivery>> all =
        world_.store->Mailbox({plot_.municipality, false, "registration", "", "", 100});
    EXPECT_TRUE(all.ok());
    for (const store::Delivery& each : *all) {
      if (world_.store->ExchangeById(each.exchange_id).value()->exchange.sender == kSender)
        views_.delivery_id = each.delivery_id;
    }
  }

  void Acknowledge() {
    if (!views_.delivery_id.empty()) AnswerBy(R"("received")");
  }

  void AnswerBy(const std::string& status) {
    if (views_.delivery_id.empty()) return;
    const std::string body = absl::StrCat(
        R"({"resourceType":"Task","id":")", views_.delivery_id, R"(","status":)", status,
        R"(,"intent":"order","code":{"coding":[{"system":"urn:schotvrij:codesystem:task","code":"register"}]}})");
    Ask(api_, plot_.municipality,
        Request("PUT", absl::StrCat("/fhir/Task/", views_.delivery_id), body,
                {{"content-type", "application/fhir+json"}}),
        "answer");
  }

  void LookAll(const std::string& when) {
    for (auto& [party, view] : views_.of) {
      Note(party, when, "");
      Look(party);
    }
  }

  // All that `party` can ask for, and what the gateway keeps for it.
  void Look(const std::string& party) {
    NoteDeliveries(party);
    Note(party, "rings", absl::StrCat(rings_[party]));
    std::vector<std::string> ids;
    for (const char* form : {"", "_count=1", "status=requested"})
      AddIds(Search(party, "Task", form, form), &ids);
    const std::string token =
        absl::StrCat("http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C", client_);
    Search(party, "Task", "patient.identifier=" + token, "of the client");
    Search(party, "Patient", "identifier=" + token, "of the client");
    for (const std::string& id : ids) ReadById(party, id, id);
    // Also by an id that may be another's.
    ReadById(party, views_.delivery_id.empty() ? std::string(32, '0') : views_.delivery_id,
             "of the registration");
    NoteItems(party, "item ", world_.Read(party, false));
    v1::RepeatRequest day;
    day.set_from(TodayInAmsterdam(world_.clock.now).ToString());
    NoteItems(party, "again ", world_.Repeat(party, day));
    Note(party, "day sheet", world_.DaySheet(party).sheet.SerializeAsString());
  }

  void NoteItems(const std::string& party, const std::string& what, const exchange::Road::MailboxPage& page) {
    for (const exchange::MailboxItem& item : page.items) {
      const auto* disclosure = std::get_if<policy::Disclosure>(&item.content);
      Note(party,
           absl::StrCat(what, item.delivery_id, " ", item.content_type, item.acknowledged,
                        item.answered),
           disclosure == nullptr ? "" : canonical::EncodeMailboxItem(*disclosure, {item.repeat, item.client.key, item.client.takes_part}).value().bytes());
    }
  }

  void ReadById(const std::string& party, const std::string& id, const std::string& what) {
    Get(party, "/fhir/Task/" + id, "Task " + what);
    Get(party, "/fhir/Patient/" + id, "Patient " + what);
  }

  void NoteDeliveries(const std::string& party) {
    std::vector<store::Delivery> all =
        world_.store->Mailbox({party, false, "", "", "", 100}).value();
    const std::vector<store::Delivery> due = world_.store->DueDeliveries({INT64_MAX}, 100).value();
    std::copy_if(due.begin(), due.end(), std::back_inserter(all),
                 [&](const store::Delivery& each) { return each.recipient == party; });
    for (const store::Delivery& each : all) {
      Note(party, absl::StrCat("delivery ", each.delivery_id),
           absl::StrCat(each.content_type, " ", each.network, " state ",
                        static_cast<int>(each.state), " due ", each.due.us, " attempts ",
                        each.attempts, each.answered ? " answered" : ""));
    }
  }

  static std::string CodeOf(const std::string& party) {
    return std::string((*ReadTable(kPartiesFile).Find("key", party))["value"]);
  }

  const Plot plot_;
  exchange::World world_;
  // The varied message has an edge of its own: whether it brings a request id moves nobody else's.
  exchange::TestRandom api_random_{3};
  exchange::TestRandom slot_random_{5};
  http::FhirApi api_;
  http::FhirApi slot_api_;
  std::string client_ = kSendersClient;  // whom everybody searches for
  Views views_;
  std::map<std::string, int> rings_;
  std::vector<std::unique_ptr<exchange::Road::Watch>> watches_;
  size_t mails_ = 0;
  std::set<std::string> mailed_;  // message ids that were tried
};

}  // namespace

Setting Setting::Of(const std::string& extra_path) {
  policy::v1::Document national = Parsed("policy/documents/national.txtpb");
  policy::v1::Document network = Parsed("policy/documents/ede.txtpb");
  Setting setting;
  for (const Table::Row& row : ReadTable(kPartiesFile).rows()) {
    exchange::Enrol(std::string(row["key"]), std::string(row["system"]), std::string(row["value"]),
                    std::string(row["mail"]), &setting.enrolment);
    if (!row["relay"].empty()) Relay(row, setting.enrolment.mutable_participant(setting.enrolment.participant_size() - 1));
    const auto& parties = network.network().party();
    if (std::any_of(parties.begin(), parties.end(),
                    [&](const auto& party) { return party.key() == row["key"]; }))
      continue;
    policy::v1::Party& party = *network.mutable_network()->add_party();
    party.set_key(std::string(row["key"]));
    party.set_name(std::string(row["key"]));
    policy::v1::Membership& membership = *party.add_membership();
    membership.set_role(std::string(row["role"]));
    membership.set_from("2021-01-01");
  }
  if (!extra_path.empty()) {
    Share(extra_path, national.mutable_rule());
    for (policy::v1::Agreement& agreement : *network.mutable_network()->mutable_agreement()) {
      Share(extra_path, agreement.mutable_rule());
    }
  }
  const std::string wmo = absl::StrReplaceAll(
      ReadSource("tests/support/wmo.txtpb"),
      {{"\"aanbieder-proef\"", "\"opella\""}, {"\"aanbieder-anders\"", "\"zorggroep\""}, {"\"gemeente-proef\"", "\"gemeente-ede\""}});
  setting.rules = exchange::LoadRules({{"national.txtpb", Printed(national)},
                                       {"network.txtpb", Printed(network)},
                                       {"scored.txtpb", Printed(Scored(network))},
                                       {"wmo.txtpb", wmo}});
  return setting;
}

Views Play(const Setting& setting, const Plot& plot, const std::optional<Message>& message) {
  return Scene(setting, plot).Run(message);
}

std::string SpeakerOf(const Plot& plot) {
  return IsOfMunicipality(plot.slot) ? plot.municipality : kSender;
}
std::string ListenerOf(const Plot& plot) {
  return IsOfMunicipality(plot.slot) ? kSender : plot.municipality;
}

View WithoutIds(const View& view) {
  std::map<std::string, size_t> rank;
  View without = view;
  for (std::string& line : without) {
    std::string text;
    size_t end = 0;
    for (size_t at = FindId(line, 0); at != line.npos; at = FindId(line, end)) {
      const size_t number = rank.emplace(line.substr(at, 32), rank.size()).first->second;
      absl::StrAppend(&text, line.substr(end, at - end), "id ", number);
      end = at + 32;
    }
    line = text + line.substr(end);
  }
  return without;
}

}  // namespace schotvrij::interference
