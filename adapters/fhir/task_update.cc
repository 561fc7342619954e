#include "adapters/fhir/task_update.h"

#include "adapters/fhir/wire/json_reader.h"
#include "adapters/fhir/wire/tree.h"

namespace schotvrij::fhir {

std::optional<TaskUpdate> ReadTaskUpdate(std::string_view body) {
  std::string text(body);
  Tree tree;
  if (ReadJson(&text, &tree)) return std::nullopt;
  auto value = [&](std::string_view name) { return std::string(tree.Root().Child(name).value()); };
  return TaskUpdate{value("resourceType"), value("id"), value("status")};
}

}  // namespace schotvrij::fhir
