// Namespaces: which prefix stands for which namespace at the present place of a document (Namespaces in XML 1.0).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::iwmo {

inline constexpr std::string_view kSchemaInstanceNamespace = "http://www.w3.org/2001/XMLSchema-instance";

enum class Space {
  kNone,            // in no namespace
  kMessage,         // that of the message
  kBase,            // that of the basisschema
  kSchemaInstance,  // xsi
  kOther,
  kUnknown,         // the prefix is not declared
};

class Namespaces {
 public:
  // From here on `uri` is that of the message. It stays where it is.
  void SetMessage(std::string_view uri) { message_ = uri; }
  // Of the element at `depth`, which is the innermost. Null, or the rule of issue.csv that is broken.
  const char* Declare(std::string_view prefix, std::string_view uri, size_t depth);
  // The element at `depth` ends.
  void Leave(size_t depth) {
    while (!declared_.empty() && declared_.back().depth >= depth) declared_.pop_back();
  }
  // Declarations that hold here.
  size_t size() const { return declared_.size(); }
  // An empty prefix: of an element without one.
  Space Of(std::string_view prefix) const {
    for (size_t at = declared_.size(); at-- > 0;) {
      if (declared_[at].prefix == prefix) return declared_[at].space;
    }
    return prefix.empty() ? Space::kNone : prefix == "xml" ? Space::kOther : Space::kUnknown;
  }

  // One that stands for `space`, or an empty one.
  std::string_view PrefixOf(Space space) const {
    for (const Declared& declared : declared_) {
      if (declared.space == space) return declared.prefix;
    }
    return {};
  }

 private:
  struct Declared {
    std::string prefix;
    Space space;
    size_t depth;
  };
  Space SpaceOf(std::string_view uri) const;

  std::string_view message_;
  std::vector<Declared> declared_;
};

}  // namespace schotvrij::iwmo
