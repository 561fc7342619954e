// The loader's checks, one file for each kind of element. Each looks at everything, so that an
// owner sees all faults in one go.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "policy/period.h"
#include "policy/source.h"
#include "schotvrij/policy/v1/policy.pb.h"

namespace schotvrij::policy {

enum class DocumentKind { kNational, kNetwork };

struct CheckContext {
  const google::protobuf::Descriptor& root;  // v1::Exchange
  const v1::Document& national;
  absl::flat_hash_map<std::string, const v1::Role*> roles;
  absl::flat_hash_map<std::string, const v1::Rule*> national_rules;
  FaultList& faults;
};

// Texts of any element: UTF-8 without control characters; not more of one element than limits
// allow.
void CheckTexts(const google::protobuf::Message& message, const Place& place, FaultList& faults);
// The right elements for the kind of document: neither both kinds in one, nor nothing.
void CheckKind(const v1::Document& document, const Place& place, FaultList& faults);

void CheckRoles(const v1::Document& national, const Place& place, FaultList& faults);
// One rule by itself: parties, purpose, grounds, leaves, BSN.
void CheckRule(const CheckContext& context, DocumentKind kind, const v1::Rule& rule,
               const Place& place);
// All rules of one document or one agreement together: ids, and no two for the same purpose,
// content and parties.
void CheckRulesTogether(const google::protobuf::RepeatedPtrField<v1::Rule>& rules,
                        const Place& parent, FaultList& faults);
// A network's rule against the national rule it narrows.
void CheckNarrowing(const CheckContext& context, const v1::Rule& rule, const Place& place);
// An agreement's deadlines: each for something that it sends and that is answered.
void CheckDeadlines(const v1::Agreement& agreement, const Place& place, FaultList& faults);
// Parties, agreements with their dates, target groups and rules.
void CheckNetwork(const CheckContext& context, const v1::Network& network, const Place& place);

// Who follows up whom among its parties.
void CheckSuccessors(const CheckContext& context, const v1::Network& network, const Place& place);

// For whom each of its parties acts, and whether it may where it signed or joined for another.
void CheckOnBehalf(const v1::Network& network, const Place& place, FaultList& faults);

// Contact, deputy, mailbox, staff and signatures of one party.
void CheckPeople(const v1::Network& network, const v1::Party& party, const Place& place,
                 FaultList& faults);

// The period, or nothing and what is wrong with its dates.
std::optional<Period> CheckPeriod(const std::string& from, const std::string& until,
                                  const Place& place, FaultList& faults);
// POLICY-REQUIRED when `text`, element `field` of `parent`, is empty.
void Require(std::string_view text, const Place& parent, const std::string& field,
             FaultList& faults);
// Required, and a key by its form.
void RequireKey(std::string_view text, const Place& parent, const std::string& field,
                FaultList& faults);
// A civil date; empty passes.
void CheckDate(std::string_view text, const Place& parent, const std::string& field,
               FaultList& faults);
// Field of Exchange.content by that name, or null.
const google::protobuf::FieldDescriptor* FindContent(const google::protobuf::Descriptor& root,
                                                     std::string_view name);

}  // namespace schotvrij::policy
