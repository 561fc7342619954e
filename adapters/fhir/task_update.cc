#include "adapters/fhir/task_update.h"

#include "adapters/fhir/wire/message.h"
#include "adapters/fhir/wire/tree.h"

namespace schotvrij::fhir {

std::optional<TaskUpdate> ReadTaskUpdate(std::string_view body, Syntax syntax) {
  std::string text(body);
  Tree tree;
  if (ReadMessageTree(syntax, &text, &tree)) return std::nullopt;
  auto value = [&](std::string_view name) { return std::string(tree.Root().Child(name).value()); };
  return TaskUpdate{value("resourceType"), value("id"), value("status")};
}

}  // namespace schotvrij::fhir
