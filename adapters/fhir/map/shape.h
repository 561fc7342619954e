// Shape: what the answer to a message must look like, and where in the message each canonical part came from. It travels through
// the road as an opaque text (Decoder::Shape) and holds no value of the message but the id of its MessageHeader.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::fhir {

enum class MessageKind : char {
  kNone = '-',         // could not be read: answered by an OperationOutcome
  kTransaction = 't',
  kMessage = 'm',
  kCollection = 'c',
  kTask = 'r',         // a single Task that registers
  kConsent = 'p',
  kFlag = 'f',
  kAnswer = 'a',       // a Task that answers
  kCare = 'o',         // one resource of messages.csv
};

struct Shape {
  MessageKind kind = MessageKind::kNone;
  std::string entries;      // of a Bundle, one letter each: T for the Task, o for any other
  std::string header_id;    // MessageHeader.id, for MessageHeader.response.identifier
  // FHIRPath of the resources the canonical parts were read from; lists in the order of the canonical lists.
  std::string task;
  std::string client;
  std::vector<std::string> consents;
  std::vector<std::string> attestations;
  std::vector<std::string> assessments;
  // Of a message of messages.csv: where its items stand, and its number in COD002.
  std::vector<std::string> products;
  std::string event;

  std::string ToText() const;
  // An empty or foreign text is a Shape of kind kNone.
  static Shape FromText(std::string_view text);
};

// Where `canonical_path` ("registration.attestations[0].verdict") stands in the message of that shape, as FHIRPath
// ("Bundle.entry[3].resource.valueBoolean"). What has no place of its own gets that of the nearest part that has one. A path
// that is FHIRPath already comes back unchanged.
std::string PathInFhir(std::string_view canonical_path, const Shape& shape);

}  // namespace schotvrij::fhir
