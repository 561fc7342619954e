#include "adapters/fhir/map/care_writer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/fhir/map/amount.h"
#include "adapters/fhir/map/care_total.h"
#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/derived.h"
#include "adapters/fhir/map/part_writer.h"
#include "adapters/fhir/map/resource_writer.h"
#include "adapters/fhir/map/systems.h"
#include "adapters/fhir/wire/draft.h"
#include "schemas/base/strings.h"

namespace schotvrij::fhir {
namespace {

using google::protobuf::Message;
using policy::Disclosure;

bool HasMoreThanBsn(const v1::Client& client) {
  v1::Client rest = client;
  rest.clear_bsn();
  return rest.ByteSizeLong() > 0;
}

// Writes the entries of one message, whose Bundle is open.
class EntryWriter {
 public:
  EntryWriter(const CareMessage& message, const Disclosure& disclosure, std::string_view patient, JsonWriter* json)
      : message_(message), disclosure_(disclosure), parts_(disclosure, patient), json_(json) {}

  // Which message of the standard it is (COD002) and who sends it to whom.
  void Header() {
    Draft header("MessageHeader");
    DraftElement& event = header.root().Child("eventCoding");
    event.Set("system", CodeList::Named("message").First().system);
    event.Set("code", DerivedValue(message_.name(), Content()));
    parts_.Write(Part::kHeader, "envelope", Envelope(), {&header.root(), &header.root()});
    header.root().Child("source").Set("endpoint", kGatewayEndpoint);
    Entry(FullUrl("header", disclosure_), header);
  }

  // The frame, and what its items refer to.
  void Frame() {
    Draft frame(message_.frame);
    parts_.Write(*message_.frame_part, message_.name(), Content(), {&frame.root(), &frame.root()});
    parts_.Write(message_.parties, "envelope", Envelope(), {&frame.root(), &frame.root()});
    std::vector<Draft> referred;
    for (size_t place = 0; place < Items(); ++place) Item(place, &frame, &referred);
    if (disclosure_.exchange().has_declaration()) {
      WriteMoney(TotalOf(disclosure_.exchange().declaration()), &frame.root().Child("total"));
    }
    Entry(FullUrl("frame", disclosure_), frame);
    for (const Draft& draft : referred) Entry(draft.full_url(), draft);
  }

  // Without a frame each item is a resource.
  void Resources() {
    for (size_t place = 0; place < Items(); ++place) {
      Draft item(message_.item);
      parts_.Write(*message_.item_part, ListPath(), ItemAt(place), {&item.root(), &item.root()});
      parts_.Write(message_.parties, "envelope", Envelope(), {&item.root(), &item.root()});
      Entry(ItemUrl(place), item);
    }
  }

 private:
  const Message& Content() const {
    const v1::Exchange& exchange = disclosure_.exchange();
    return exchange.GetReflection()->GetMessage(exchange, message_.content);
  }
  const v1::Envelope& Envelope() const { return disclosure_.exchange().envelope(); }
  size_t Items() const {
    return message_.list == nullptr ? 0 : static_cast<size_t>(Content().GetReflection()->FieldSize(Content(), message_.list));
  }
  const Message& ItemAt(size_t place) const {
    return Content().GetReflection()->GetRepeatedMessage(Content(), message_.list, static_cast<int>(place));
  }
  std::string ListPath() const { return absl::StrCat(ToAbsl(message_.name()), ".", message_.list->name()); }
  std::string ItemUrl(size_t place) const { return absl::StrCat(FullUrl("item", disclosure_), ":", place); }

  void Item(size_t place, Draft* frame, std::vector<Draft>* referred) {
    DraftElement& element = frame->root().Add(message_.item);
    parts_.Write(*message_.item_part, ListPath(), ItemAt(place), {&element, &frame->root(), place});
    // One that is named by its number has no more to say.
    if (!message_.referred_part || element.Find("valueReference") != nullptr) return;
    Draft& draft = referred->emplace_back(message_.referred, ItemUrl(place));
    parts_.Write(*message_.referred_part, ListPath(), ItemAt(place), {&draft.root(), &draft.root()});
    element.Child("valueReference").Set("reference", draft.full_url());
  }

  void Entry(std::string_view full_url, const Draft& resource) {
    json_->Object().Member("fullUrl", full_url).Key("resource");
    resource.Write(json_);
    json_->End();
  }

  const CareMessage& message_;
  const Disclosure& disclosure_;
  const PartWriter parts_;
  JsonWriter* json_;
};

}  // namespace

void WriteCareMessage(const CareMessage& message, const Disclosure& disclosure, JsonWriter* json) {
  const v1::Exchange& exchange = disclosure.exchange();
  const std::string patient = HasMoreThanBsn(exchange.client()) ? FullUrl("patient", disclosure) : "";
  json->Object().Member("resourceType", "Bundle").ObjectIn("identifier").Member("system", kMessageSystem);
  json->Member("value", exchange.envelope().message_id()).End().Member("type", "message").ArrayIn("entry");
  EntryWriter entries(message, disclosure, patient, json);
  entries.Header();
  message.frame_part ? entries.Frame() : entries.Resources();
  if (!patient.empty()) {
    json->Object().Member("fullUrl", patient).Key("resource");
    WritePatient(disclosure, {}, json);
    json->End();
  }
  json->End().End();
}

}  // namespace schotvrij::fhir
