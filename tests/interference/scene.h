// Scene: one course of events among the participants of parties.csv, always the same but for one
// message, and what each of them can observe of it.
//
//   const Setting setting = Setting::Of();
//   Views with = Play(setting, {Slot::kRegistration, "gemeente-ede"}, message);
//   Views without = Play(setting, {Slot::kRegistration, "gemeente-ede"}, std::nullopt);
//   EXPECT_EQ(with.of["menzis"], without.of["menzis"]);
//
// Time, chance and everybody's other words are the same in each play, so that a difference can only
// come from the message.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/transport/http/message.h"
#include "policy/rule_set.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::interference {

// The rules and parties of a play.
struct Setting {
  // Ede as shipped, with a second provider and a second municipality, a network that differs
  // from it in asking for scores, and a Wmo relation between its parties (tests/support/wmo.txtpb). `extra_path`: a leaf that their registration rules share as well;
  // empty: none.
  static Setting Of(const std::string& extra_path = "");

  config::v1::Enrolment enrolment;
  std::shared_ptr<const policy::RuleSet> rules;
};

// The message that varies, as its sender hands it over.
struct Message {
  std::string method;  // empty: a canonical Exchange, as the gRPC edge puts it on the road, or the text of a mail
  std::string mail_key;  // of a mail: what tells it from others; empty: it is none
  std::string target;
  std::vector<http::Field> headers;
  std::string body;
  std::string bsn;  // of the client it is about; empty: of the one that it is about as a rule
};

// The client that a message is about as a rule.
inline constexpr char kSendersClient[] = "999900006";

// Which of the words of a play the message is. kMessage and kOrder are of the Wmo, the provider's to the
// municipality and the other way, and stand in the place of the registration.
enum class Slot { kRegistration, kConsent, kStep, kAnswer, kHold, kWithdrawal, kExpiry, kMessage, kOrder };
struct Plot {
  Slot slot = Slot::kRegistration;
  std::string municipality;  // whom the client is registered with
};

// What one participant saw, in order: "what: bytes".
using View = std::vector<std::string>;

// Stand in each view before the sender registers its client, and before the other provider
// registers the same one.
inline constexpr char kSendersTurn[] = "the sender registers a client";
inline constexpr char kOthersTurn[] = "the other provider registers the same client";

struct Views {
  std::map<std::string, View> of;  // by participant
  bool accepted = false;           // what the varied message was answered
  std::string refused_for;         // rules, when it was not
  std::string delivery_id;  // by which the municipality knows the registration; empty: it got none
};

// `message`: what is said in the slot; nullopt: nothing is.
Views Play(const Setting& setting, const Plot& plot, const std::optional<Message>& message);

// Who says what the slot holds, and to whom.
std::string SpeakerOf(const Plot& plot);
std::string ListenerOf(const Plot& plot);

// The view with each id replaced by its rank of appearance: equal for those that differ in drawn
// ids only.
View WithoutIds(const View& view);

}  // namespace schotvrij::interference
