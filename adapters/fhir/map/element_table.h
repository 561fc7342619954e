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
enum class Part { kTask, kRegistration, kAnswer, kPatient, kConsent, kRepresentative, kFlag, kScore, kAttestation };

enum class Form {
  kKey, kId, kText, kCode, kCoding, kBoolean, kInteger, kDay, kPartialDate, kBsn, kParty, kClient, kRefuse, kPresent
};

enum class Many { kOne, kFirst, kAll };

// One step of a path: children of that name, kept only when they are said to be `which` (empty: all).
struct Step {
  std::string name;
  std::string which;
};

struct ElementRow {
  std::vector<Step> steps;
  Form form;
  const CodeList* codes = nullptr;                             // of a code, coding or boolean
  const google::protobuf::FieldDescriptor* field = nullptr;    // null: checked, not carried
  const google::protobuf::Reflection* reflection = nullptr;    // of the canonical message
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

using Nodes = absl::InlinedVector<Node, 8>;

// The places that `steps` lead to from `resource`, in order.
Nodes Follow(Node resource, const std::vector<Step>& steps);

}  // namespace schotvrij::fhir
