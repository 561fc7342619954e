#include "adapters/fhir/map/resources.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

struct Taken {
  std::string_view type;
  bool is_acted = false;
  std::string_view within;
};

// Null: this edge does not take it.
const Taken* FindTaken(std::string_view type) {
  static const auto* rows = new std::vector<Taken>([] {
    std::vector<Taken> read;
    for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/resources.csv").rows()) {
      read.push_back({row["type"], row["role"] == "acted", row["within"]});
    }
    return read;
  }());
  const auto found = std::find_if(rows->begin(), rows->end(), [&](const Taken& taken) { return taken.type == type; });
  return found == rows->end() ? nullptr : &*found;
}

bool ChangesMeaning(std::string_view name) { return name == "modifierExtension" || name == "implicitRules"; }

// Every element of `top` that changes the meaning of others, without recursion.
void RefuseModifiers(Node top, Findings* findings) {
  absl::InlinedVector<Node, 32> open = {top};
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    for (Node child : node.Children()) {
      if (child.name() == "contained") continue;
      if (ChangesMeaning(child.name())) {
        findings->Add("FHIR-MODIFIER", child);
      } else if (!child.Children().empty()) {
        open.push_back(child);
      }
    }
  }
}

bool MakesOrReplaces(Node request) {
  const std::string_view method = request.Child("method").value();
  return method == "POST" || method == "PUT";
}

// Type/id of a literal reference, without a version.
std::string_view WithoutVersion(std::string_view reference) { return reference.substr(0, reference.find("/_history/")); }

bool EndsInTypeAndId(std::string_view full_url, std::string_view type_and_id) {
  return full_url.size() > type_and_id.size() && full_url.ends_with(type_and_id) &&
         full_url[full_url.size() - type_and_id.size() - 1] == '/';
}

bool IsTypeAndId(std::string_view reference, std::string_view type, std::string_view id) {
  return !id.empty() && reference.size() == type.size() + 1 + id.size() && reference.starts_with(type) &&
         reference[type.size()] == '/' && reference.ends_with(id);
}

}  // namespace

void Resources::Collect(Node root, Findings* findings) {
  has_modifiers_ = root.AnyInTree([](const Element& element) { return ChangesMeaning(element.name); });
  if (ResourceType(root) != "Bundle") return CollectResource(root, Node(), "", findings);
  for (Node child : root.Children()) {
    if (ChangesMeaning(child.name())) findings->Add("FHIR-MODIFIER", child);
  }
  const bool in_transaction = root.Child("type").value() == "transaction";
  for (Node entry : root.Children("entry")) {
    if (entries_.size() >= limits::kEntriesMax) return findings->Add("FHIR-ENTRIES", root, "entry");
    CollectEntry(entry, in_transaction, findings);
  }
}

void Resources::CollectEntry(Node entry, bool in_transaction, Findings* findings) {
  const Node resource = entry.Child("resource");
  entries_ += ResourceType(resource) == "Task" ? 'T' : 'o';
  for (Node child : entry.Children()) {
    if (ChangesMeaning(child.name())) findings->Add("FHIR-MODIFIER", child);
  }
  if (in_transaction && !MakesOrReplaces(entry.Child("request"))) findings->Add("FHIR-REQUEST", entry, "request.method");
  if (!resource.IsObject()) return findings->Add("FHIR-VALUE", entry, "resource");
  const std::string_view full_url = entry.Child("fullUrl").value();
  const bool twice = !full_url.empty() && std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
    return item.full_url == full_url;
  });
  if (twice) findings->Add("FHIR-REQUEST", entry, "fullUrl");
  CollectResource(resource, Node(), full_url, findings);
}

void Resources::CollectResource(Node resource, Node container, std::string_view full_url, Findings* findings) {
  const std::string_view type = ResourceType(resource);
  const Taken* taken = FindTaken(type);
  if (taken == nullptr) return findings->Add("FHIR-RESOURCE-TYPE", resource);
  if (taken->is_acted && has_modifiers_) RefuseModifiers(resource, findings);
  items_.push_back({resource, container, type, taken->within, full_url});
  for (Node contained : resource.Children("contained")) {
    // A contained resource contains nothing itself (FHIR R4 dom-2), so this ends at the second step.
    if (container) return findings->Add("FHIR-VALUE", contained);
    if (items_.size() >= limits::kResourcesMax) return findings->Add("FHIR-ENTRIES", resource, "contained");
    CollectResource(contained, resource, "", findings);
  }
}

void Resources::RefuseOthers(std::string_view content, Node head, Findings* findings) const {
  for (const Item& item : items_) {
    if (!(item.resource == head) && !HoldsWord(item.within, content)) findings->Add("FHIR-RESOURCE-TYPE", item.resource);
  }
}

std::vector<Node> Resources::OfType(std::string_view type) const {
  std::vector<Node> found;
  for (const bool contained : {false, true}) {
    for (const Item& item : items_) {
      if (item.type == type && static_cast<bool>(item.container) == contained) found.push_back(item.resource);
    }
  }
  return found;
}

bool Resources::Has(std::string_view type) const {
  return std::any_of(items_.begin(), items_.end(), [&](const Item& item) { return item.type == type; });
}

Node Resources::ContainerOf(Node node) const {
  for (Node at = node; at; at = at.Parent()) {
    for (const Item& item : items_) {
      if (!item.container && item.resource == at) return at;
    }
  }
  return Node();
}

Node Resources::Resolve(Node reference) const {
  const std::string_view text = WithoutVersion(reference.Child("reference").value());
  if (text.empty()) return Node();
  if (text.starts_with('#')) {
    const Node container = ContainerOf(reference);
    if (text.size() == 1) return container;
    for (const Item& item : items_) {
      if (item.container && item.container == container && item.resource.Child("id").value() == text.substr(1)) {
        return item.resource;
      }
    }
    return Node();
  }
  for (const Item& item : items_) {
    if (item.container) continue;
    if (item.full_url == text) return item.resource;
    if (EndsInTypeAndId(item.full_url, text) || IsTypeAndId(text, item.type, item.resource.Child("id").value())) {
      return item.resource;
    }
  }
  return Node();
}

}  // namespace schotvrij::fhir
