// PartReader: one resource in, one canonical message out, by the rows of elements.csv. What no row names is not carried.
#pragma once

#include <span>
#include <vector>

#include "adapters/fhir/map/element_table.h"
#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/map/resources.h"
#include "google/protobuf/message.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::fhir {

class PartReader {
 public:
  PartReader(const Resources* resources, Findings* findings) : resources_(resources), findings_(findings) {}

  // Fills `*message`, which must be CanonicalOf(part), and reports all that is wrong with what the rows name.
  void Read(Part part, Node resource, google::protobuf::Message* message);

  // The References to the client that were met (form `client`, and those added), for the check that all mean the same person.
  void AddClientReference(Node reference) { client_references_.push_back(reference); }
  const std::vector<Node>& client_references() const { return client_references_; }

  // The organisation a Reference names, by its own identifier or that of the Organization it points to. Reports `wrong` where
  // there is none and FHIR-UNKNOWN-SYSTEM where its system is not one of party_identifier.csv; false then.
  bool ReadParty(Node reference, std::string_view wrong, v1::PartyIdentifier* party);

 private:
  void ReadRow(const ElementRow& row, Node resource, google::protobuf::Message* message);
  bool ReadValue(const ElementRow& row, Node node, google::protobuf::Message* message);
  bool ReadAmount(const ElementRow& row, Node node, google::protobuf::Message* owner);
  bool ReadCoding(const ElementRow& row, Node node, google::protobuf::Message* message);
  void ReadBsns(const ElementRow& row, std::span<const Node> nodes, google::protobuf::Message* message);

  const Resources* resources_;
  Findings* findings_;
  std::vector<Node> client_references_;
};

// Rule that a BSN breaks; empty when it is sound.
std::string_view BsnFault(std::string_view text);

}  // namespace schotvrij::fhir
