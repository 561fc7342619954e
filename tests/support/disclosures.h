// Disclosures for tests of adapters and transports: made by a real policy::Engine, because nothing
// else can make one, under a rule set that shares every leaf of a message with its recipient.
//
//   v1::Exchange exchange;
//   exchange.mutable_client()->set_bsn("999900006");
//   exchange.mutable_registration()->set_step(v1::REGISTER);
//   policy::Disclosure disclosure = test::DiscloseAll(exchange);
//
// Envelope fields that are empty get the values below, so that a test names only what it is about.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/disclosure/disclosure.h"
#include "policy/rule_set.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::test {

inline constexpr std::string_view kNetwork = "proefnetwerk";
inline constexpr std::string_view kProvider = "proefaanbieder";     // sender, role provider
inline constexpr std::string_view kMunicipality = "proefgemeente";  // recipient, role municipality
inline constexpr std::string_view kMessageId = "0123456789abcdef0123456789abcdef";
inline constexpr std::string_view kSentOn = "2026-03-02";  // also "today" of the engine

// A national document and the document of kNetwork, in protobuf text format. Every leaf below
// `envelope`, `client` and the content is shared, with all four grounds; the agreement is
// open-ended and its target group has no criteria.
std::vector<policy::PolicyFile> ShareEverything();

// A rule set that shares exactly `paths` of a registration ("client.bsn", "envelope.sender"), for
// tests of what a narrow policy leaves over.
std::vector<policy::PolicyFile> ShareOnly(const std::vector<std::string>& paths);

// What the recipient may know of `exchange` under these rules, without asking for consent. A
// receipt and what a municipality sends go to kProvider, the rest to kMunicipality. Ends the program with the reasons when
// the engine discloses nothing: the test's exchange is wrong.
policy::Disclosure DiscloseAll(const v1::Exchange& exchange);
policy::Disclosure Disclose(const v1::Exchange& exchange,
                            const std::vector<policy::PolicyFile>& files);

}  // namespace schotvrij::test
