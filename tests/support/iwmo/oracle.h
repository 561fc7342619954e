// Oracle: what libxml2 says of a document, by a schema that is not the reader's tables.
//
//   const test::Oracle oracle = test::Oracle::Own(iwmo::Grammar::Of("WMO305"));
//   EXPECT_TRUE(oracle.Takes(document));
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/wire/grammar.h"

struct _xmlDoc;
struct _xmlSchema;

namespace schotvrij::test {

class Oracle {
 public:
  // By a schema made of our tables. The tables are ours, what XML Schema makes of them is libxml2's.
  static Oracle Own(const iwmo::Grammar& grammar);
  // By the official schema, or what was derived for lack of one; nullopt: `folder` (shared/data/iwmo) does not have it.
  static std::optional<Oracle> Official(const iwmo::Grammar& grammar, const std::string& folder);

  // Well-formed, its namespaces too, and valid. Nothing outside the document is read.
  bool Takes(std::string_view document) const;
  // Of a document that was parsed: valid.
  bool Holds(_xmlDoc* document) const;

 private:
  explicit Oracle(_xmlSchema* schema);
  std::shared_ptr<_xmlSchema> schema_;
};

// Where the official files lie beside the repository at `source`; they are not ours to publish.
std::string OfficialFolder(std::string_view source);

// XML canonicalisation (C14N 1.0 with comments) by libxml2; empty: not well-formed.
std::string Canonical(std::string_view document);

}  // namespace schotvrij::test
