// The one client a message is about: its Patient, and every reference that must mean the same person.
#pragma once

#include <string>
#include <string_view>

#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/map/part_reader.h"
#include "adapters/fhir/map/resources.h"
#include "schotvrij/v1/client.pb.h"

namespace schotvrij::fhir {

class ClientReader {
 public:
  ClientReader(const Resources* resources, Findings* findings, PartReader* parts)
      : resources_(resources), findings_(findings), parts_(parts) {}

  // Reads the Patient that `referred` is, else the first; false when the message has none. A second Patient must be the same
  // person (CLIENT-TWO-PERSONS).
  Node Read(Node referred, bool surname_required, v1::Client* client);

  // The BSN out of the logical reference in `element` of `resource`, for messages that may come without Patient.
  void ReadBsnOf(Node resource, std::string_view element, v1::Client* client);

  // Holds every reference to the client that was read against `bsn`: BSN-DIFFERENT, or FHIR-REFERENCE where one leads nowhere.
  void CheckReferences(const std::string& bsn);

 private:
  void CheckReference(Node reference, const std::string& bsn);
  bool IsIdentifierOfPatient(Node identifier) const;

  const Resources* resources_;
  Findings* findings_;
  PartReader* parts_;
};

}  // namespace schotvrij::fhir
