// BundleSplitter: the bytes of a Bundle of any size, in pieces of any size, into the resources of its entries, one at a time. It
// holds one entry. Outside the resources it takes what FHIR JSON can have there, checks it, and drops it.
//
//   while (!bytes.empty()) {
//     BundleSplitter::Step step = splitter.Next(bytes);
//     if (step.issue) return Refuse(*step.issue);
//     bytes.remove_prefix(step.used);
//     if (step.resource) Use(*std::move(step.resource));   // and splitter.state(), to go on behind it another time
//   }
//   if (std::optional<Issue> issue = splitter.Finish()) Refuse(*issue);
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/base/issue.h"

namespace schotvrij::fhir {

class BundleSplitter {
 public:
  // `state` empty: at the start; else what state() said behind an entry. Another text is refused by Finish at the latest.
  explicit BundleSplitter(std::string_view state = "");

  struct Step {
    size_t used = 0;                      // of the bytes given
    std::optional<std::string> resource;  // of an entry that ends there; empty: it had none
    std::optional<Issue> issue;           // the Bundle cannot be read on
  };
  Step Next(std::string_view bytes);
  // What is missing where the bytes end.
  std::optional<Issue> Finish() const;
  // Right behind an entry.
  std::string state() const;

 private:
  enum class At { kStart, kFirstKey, kNextKey, kKey, kColon, kValue, kScalar, kText, kNested, kAfterValue,
                  kFirstItem, kNextItem, kAfterItem, kEnd };

  std::optional<Issue> Take(char c, bool* ended_entry);
  std::optional<Issue> TakeKey(char c);
  std::optional<Issue> BeginValue(char c);
  std::optional<Issue> TakeNested(char c);
  std::optional<Issue> AfterValue(char c, bool* ended_entry);
  std::optional<Issue> EndValue();
  std::optional<Issue> UseValue();
  std::vector<std::string>& keys() { return in_entry_ ? entry_keys_ : bundle_keys_; }
  bool Has(std::string_view key) const;

  At at_ = At::kStart;
  bool in_entry_ = false;
  std::vector<std::string> bundle_keys_;  // that were named
  std::vector<std::string> entry_keys_;
  std::string key_;
  std::string value_;      // as it was sent
  size_t entry_bytes_ = 0;
  size_t depth_ = 0;       // within value_
  bool in_text_ = false;
  bool escaped_ = false;
  std::string resource_;
};

}  // namespace schotvrij::fhir
