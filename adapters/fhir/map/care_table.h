// The rows of schemas/formats/fhir/messages.csv, compiled: contents about care that is asked for, ordered, delivered and declared.
#pragma once

#include <optional>
#include <string_view>

#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/element_table.h"
#include "adapters/fhir/map/resources.h"
#include "google/protobuf/descriptor.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::fhir {

struct CareMessage {
  const google::protobuf::FieldDescriptor* content;  // of Exchange
  std::string_view frame;                            // type of the resource that is the content; empty: there is none
  std::optional<Part> frame_part;
  const CodeList* task = nullptr;                    // codes of a Task that is such a frame
  // What each canonical message of `list` is read from: an element of the frame, or without a frame a resource of that type. Null: the
  // content has no list.
  std::string_view item;
  const google::protobuf::FieldDescriptor* list = nullptr;
  std::optional<Part> item_part;
  // The resource that an item points to, and that says the rest of it.
  std::string_view referred;
  std::optional<Part> referred_part;
  Part parties;

  std::string_view name() const { return content->name(); }
  // Type of resource that such a message has.
  std::string_view head() const { return frame.empty() ? item : frame; }
};

// By the resources a message has, or by the content of an Exchange; null: it is none of them.
const CareMessage* FindCareMessage(const Resources& resources);
const CareMessage* FindCareMessage(const v1::Exchange& exchange);
// Whether a resource of that type may be a message by itself.
bool IsCareHead(std::string_view type);

}  // namespace schotvrij::fhir
