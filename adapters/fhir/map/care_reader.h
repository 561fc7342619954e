// A message of messages.csv: its content, who sends it to whom, and the client it is about.
#pragma once

#include <vector>

#include "adapters/fhir/map/care_table.h"
#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/map/part_reader.h"
#include "adapters/fhir/map/resources.h"
#include "adapters/fhir/map/shape.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::fhir {

class CareReader {
 public:
  CareReader(const Resources* resources, Findings* findings, PartReader* parts)
      : resources_(resources), findings_(findings), parts_(parts) {}

  // Fills the content, the client and the parties of `*exchange`, and says in `*shape` where each came from.
  void Read(const CareMessage& message, Node root, v1::Exchange* exchange, Shape* shape);

 private:
  void ReadItem(const CareMessage& message, Node item, google::protobuf::Message* content, Shape* shape);
  void CheckReferred(const CareMessage& message);
  void CheckTotal(Node claim, const v1::Declaration& declaration);
  void ReadParties(Part part, Node head, v1::Envelope* envelope);
  void ReadParty(Node head, const v1::PartyIdentifier& said, v1::PartyIdentifier* party);
  void ReadClient(v1::Exchange* exchange, Shape* shape);
  void ReadKind(const std::vector<Node>& heads, v1::DeliveryEvent* event);
  void CheckEvent(const CareMessage& message, const google::protobuf::Message& content);

  const Resources* resources_;
  Findings* findings_;
  PartReader* parts_;
  std::vector<Node> referred_;
};

}  // namespace schotvrij::fhir
