#include "adapters/fhir/map/care_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

std::optional<Part> PartIn(std::string_view cell) { return cell.empty() ? std::nullopt : std::optional(PartNamed(cell)); }

CareMessage Compile(const Table::Row& row) {
  CareMessage message{};
  message.content = v1::Exchange::descriptor()->FindFieldByName(std::string(row["content"]));
  message.frame = row["frame"];
  message.frame_part = PartIn(row["frame_part"]);
  if (!row["task"].empty()) message.task = &CodeList::Named(row["task"]);
  message.item = row["item"];
  message.list = message.content->message_type()->FindFieldByName(std::string(row["list"]));
  message.item_part = PartIn(row["item_part"]);
  message.referred = row["referred"];
  message.referred_part = PartIn(row["referred_part"]);
  message.parties = PartNamed(row["parties"]);
  return message;
}

const std::vector<CareMessage>& CareMessages() {
  static const auto* messages = new std::vector<CareMessage>([] {
    std::vector<CareMessage> read;
    for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/messages.csv").rows()) read.push_back(Compile(row));
    return read;
  }());
  return *messages;
}

// Whether a Task of the message asks for that.
bool AsksFor(const CodeList& codes, const Resources& resources) {
  for (Node task : resources.OfType("Task")) {
    for (Node coding : task.Child("code").Children("coding")) {
      if (codes.Find(coding.Child("system").value(), coding.Child("code").value()) != nullptr) return true;
    }
  }
  return false;
}

template <typename Fits>
const CareMessage* FindWhere(Fits fits) {
  const auto found = std::find_if(CareMessages().begin(), CareMessages().end(), fits);
  return found == CareMessages().end() ? nullptr : &*found;
}

}  // namespace

const CareMessage* FindCareMessage(const Resources& resources) {
  return FindWhere([&](const CareMessage& message) {
    return message.task == nullptr ? resources.Has(message.head()) : AsksFor(*message.task, resources);
  });
}

bool IsCareHead(std::string_view type) {
  return FindWhere([&](const CareMessage& message) { return message.head() == type; }) != nullptr;
}

const CareMessage* FindCareMessage(const v1::Exchange& exchange) {
  return FindWhere([&](const CareMessage& message) { return exchange.content_case() == message.content->number(); });
}

}  // namespace schotvrij::fhir
