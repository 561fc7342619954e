// URLs that stand in FHIR messages and mean something to this adapter itself; those that only tie a code to a canonical word
// stand in the tables.
#pragma once

#include <string_view>

namespace schotvrij::fhir {

// National.
inline constexpr std::string_view kBsnSystem = "http://fhir.nl/fhir/NamingSystem/bsn";
inline constexpr std::string_view kUziRoleSystem = "http://fhir.nl/fhir/NamingSystem/uzi-rolcode";

// Ours (schemas/codes/).
inline constexpr std::string_view kTaskSystem = "urn:schotvrij:codesystem:task";
inline constexpr std::string_view kAttestationSystem = "urn:schotvrij:codesystem:attestation";
inline constexpr std::string_view kCriterionSystem = "urn:schotvrij:codesystem:criterion";
inline constexpr std::string_view kCheckerFunctionSystem = "urn:schotvrij:codesystem:checker-function";
inline constexpr std::string_view kAttestationComponentSystem = "urn:schotvrij:codesystem:attestation-component";
inline constexpr std::string_view kAnswerReasonSystem = "urn:schotvrij:codesystem:answer-reason";
inline constexpr std::string_view kIssueSystem = "urn:schotvrij:codesystem:issue";
inline constexpr std::string_view kNetworkSystem = "urn:schotvrij:identifier:network";
inline constexpr std::string_view kParticipantSystem = "urn:schotvrij:identifier:participant";
inline constexpr std::string_view kMessageSystem = "urn:schotvrij:identifier:message";
inline constexpr std::string_view kRequestSystem = "urn:schotvrij:identifier:request";
inline constexpr std::string_view kClientSystem = "urn:schotvrij:identifier:client";
inline constexpr std::string_view kPseudonymSystem = "urn:schotvrij:identifier:pseudonym";
inline constexpr std::string_view kGatewayEndpoint = "urn:schotvrij:gateway";

inline constexpr std::string_view kUnitExtension = "urn:schotvrij:extension:eenheid";

// HL7.
inline constexpr std::string_view kObservationValueSystem = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
inline constexpr std::string_view kDataAbsentReasonUrl = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

// Extensions of HumanName (nl-core-NameInformation).
inline constexpr std::string_view kAssemblyOrderUrl = "http://hl7.org/fhir/StructureDefinition/humanname-assembly-order";
inline constexpr std::string_view kOwnNameUrl = "http://hl7.org/fhir/StructureDefinition/humanname-own-name";
inline constexpr std::string_view kOwnPrefixUrl = "http://hl7.org/fhir/StructureDefinition/humanname-own-prefix";
inline constexpr std::string_view kPartnerNameUrl = "http://hl7.org/fhir/StructureDefinition/humanname-partner-name";
inline constexpr std::string_view kPartnerPrefixUrl = "http://hl7.org/fhir/StructureDefinition/humanname-partner-prefix";
inline constexpr std::string_view kNameQualifierUrl = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier";

}  // namespace schotvrij::fhir
