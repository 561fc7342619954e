// Resources: what a message consists of, and what the references in it point to. A message is a Bundle or one resource; either
// may hold contained resources.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/wire/tree.h"

namespace schotvrij::fhir {

class Resources {
 public:
  // Collects the resources below `root` (itself included unless it is a Bundle) and reports what this edge does not take:
  // unknown types, entries without a resource or with a method other than POST or PUT, a fullUrl that stands twice, elements
  // that change the meaning of what we read.
  void Collect(Node root, Findings* findings);

  // Reports the resources, but `head`, that messages of that content may not have: they would be taken and not acted on.
  void RefuseOthers(std::string_view content, Node head, Findings* findings) const;

  // All of one type, entries before what they contain, in order.
  std::vector<Node> OfType(std::string_view type) const;

  bool Has(std::string_view type) const;

  // What a Reference points to by its `reference`: a fullUrl, Type/id or #id. Nowhere when it has none or nothing fits.
  Node Resolve(Node reference) const;

  // One letter per entry of a Bundle: T for the Task, o for any other.
  const std::string& entries() const { return entries_; }

 private:
  struct Item {
    Node resource;
    Node container;  // nowhere: not contained
    std::string_view type;
    std::string_view within;  // contents, of resources.csv
    std::string_view full_url;
  };

  void CollectEntry(Node entry, bool in_transaction, Findings* findings);
  void CollectResource(Node resource, Node container, std::string_view full_url, Findings* findings);
  Node ContainerOf(Node node) const;

  std::vector<Item> items_;
  bool has_modifiers_ = false;  // somewhere in the message
  std::string entries_;
};

}  // namespace schotvrij::fhir
