// The rows of schemas/formats/fhir/elements.csv, compiled: which element of a resource is which field of a canonical message.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/wire/tree.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace schotvrij::fhir {

// A resource in the role it plays, and the canonical message it fills.
enum class Part {
  kTask, kRegistration, kAnswer, kPatient, kConsent, kRepresentative, kFlag, kScore, kAttestation, kHeader, kBundle, kEpisode,
  kEpisodeParties,
  kOrder, kOrderParties, kRequest, kRequestInput, kProposal, kRequestParties, kRequestAnswer, kClaim, kClaimLine, kClaimParties,
  kClaimAnswer, kClaimAnswerLine, kClaimAnswerParties, kFinding
};

enum class Form {
  kKey, kId, kText, kCode, kCoding, kBoolean, kInteger, kDay, kPartialDate, kBsn, kParty, kClient, kRefuse, kPresent, kDigits, kCoded,
  kStatus, kMoney, kQuantity, kRatio, kTotal, kMoment, kTime, kRemark, kSigned, kFixed, kPlace
};

enum class Many { kOne, kFirst, kAll };

// One step of a path: children of that name, kept only when they are said to be `which` (empty: all). Where it joins, they are
// numbers of elements of the resource: the next step goes on from the resource and keeps those of that `sequence`.
struct Step {
  std::string name;
  std::string which;
  bool joins = false;
};

struct ElementRow {
  std::string_view part;  // its name in the tables
  std::vector<Step> steps;
  Form form;
  const CodeList* codes = nullptr;                             // of a code, coding or boolean
  // Messages between the canonical message of the part and the one that has the field; none are lists.
  std::vector<const google::protobuf::FieldDescriptor*> through;
  const google::protobuf::FieldDescriptor* field = nullptr;    // null: checked, not carried
  const google::protobuf::Reflection* reflection = nullptr;    // of the message that has the field
  std::string field_path;                                      // "product.category"
  const google::protobuf::FieldDescriptor* beside = nullptr;   // of a moment its time of day, of a signed amount its side
  bool is_read_only = false;                                   // another row writes it
  size_t length_max = 0;                                       // characters of a text; 0: no maximum of its own
  Many many;
  std::string wrong;    // rule id; empty: the form's own
  std::string missing;  // rule id; empty: may be absent
  // Enum fields that earlier rows filled, and the values they must have for this row to count.
  std::vector<std::pair<const google::protobuf::FieldDescriptor*, int>> when;
  std::string path;     // FHIRPath below the resource
};

const google::protobuf::Descriptor& CanonicalOf(Part part);
// By its name in the tables; ends the program when there is none.
Part PartNamed(std::string_view name);
// In the order of the table.
const std::vector<ElementRow>& RowsOf(Part part);

// Whether the row counts for `message`, of which earlier rows were read.
bool Counts(const ElementRow& row, const google::protobuf::Message& message);

using Nodes = absl::InlinedVector<Node, 8>;

// Path of the child in which an element says that it is `step.which`: its system or url, or a coding (`which` is system|code).
std::string_view MarkOf(const Step& step);

// The places that `steps` lead to from `resource`, in order.
Nodes Follow(Node resource, const std::vector<Step>& steps);

}  // namespace schotvrij::fhir
