// Encoded: bytes of a Disclosure in one format, ready to be sent. Adapters make it, transports send
// it.
//
//   return Encoded::From(disclosure, std::move(bytes), "application/fhir+json");
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/disclosure/disclosure.h"

namespace schotvrij::policy {

class Encoded {
 public:
  static Encoded From(const Disclosure& disclosure, std::string bytes, std::string media_type) {
    return Encoded(std::move(bytes), std::move(media_type), {disclosure.evidence().disclosure_id});
  }
  // One page of several Disclosures, or of none: the result of a search.
  static Encoded From(std::span<const Disclosure> disclosures, std::string bytes,
                      std::string media_type) {
    std::vector<std::string> ids;
    for (const Disclosure& disclosure : disclosures)
      ids.push_back(disclosure.evidence().disclosure_id);
    return Encoded(std::move(bytes), std::move(media_type), std::move(ids));
  }

  const std::string& bytes() const { return bytes_; }
  const std::string& media_type() const { return media_type_; }
  const std::vector<std::string>& disclosure_ids() const { return disclosure_ids_; }

 private:
  Encoded(std::string bytes, std::string media_type, std::vector<std::string> ids)
      : bytes_(std::move(bytes)),
        media_type_(std::move(media_type)),
        disclosure_ids_(std::move(ids)) {}

  std::string bytes_;
  std::string media_type_;
  std::vector<std::string> disclosure_ids_;
};

}  // namespace schotvrij::policy
