// PartWriter: one canonical message in, elements of a resource out, by the rows of elements.csv that read them.
#pragma once

#include <string>
#include <string_view>

#include "adapters/fhir/map/element_table.h"
#include "adapters/fhir/wire/draft.h"
#include "google/protobuf/message.h"
#include "policy/disclosure/disclosure.h"

namespace schotvrij::fhir {

// Where a part is written.
struct DraftTarget {
  DraftElement* element;
  DraftElement* resource;  // that `element` is of, or is
  size_t place = 0;        // of `element` in its list
};

class PartWriter {
 public:
  // `patient`: fullUrl of the Patient in the message; empty: the client is named by its BSN. Both must outlive the writer.
  PartWriter(const policy::Disclosure& disclosure, std::string_view patient) : disclosure_(disclosure), patient_(patient) {}

  // Writes what `message`, which is CanonicalOf(part), holds and the Disclosure shares as itself. `path` is where it stands in the
  // Exchange, without indexes: "delivery_event.products".
  void Write(Part part, std::string_view path, const google::protobuf::Message& message, const DraftTarget& target) const;

 private:
  void WriteRow(const ElementRow& row, std::string_view path, const google::protobuf::Message& message, const DraftTarget& target) const;
  void WriteClient(DraftElement* reference) const;

  const policy::Disclosure& disclosure_;
  std::string_view patient_;
};

}  // namespace schotvrij::fhir
