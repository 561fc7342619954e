// Files of protobuf text format: parsed strictly, with the place of every element at hand afterwards.
//
//   TextFile file(name, text);
//   if (file.Parse(&config)) file.Fault("mail.smtp_url", "not a URL");   // "a.conf:12:3: mail.smtp_url: not a URL"
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace schotvrij::identity {

class TextFile {
 public:
  TextFile(std::string name, std::string text);

  // False when the text does not parse or names a field or enum value that the schema does not have; faults() says where.
  bool Parse(google::protobuf::Message* message);
  // Records a fault at `path` ("participant[1].peer[0].oin"), or where the innermost element of it stands that the file has.
  void Fault(std::string_view path, std::string_view text);
  // One line each, in order of their place.
  std::vector<std::string> faults() const;

 private:
  struct Located {
    int line;    // 1-based, as column
    int column;
    std::string text;
  };
  class Collector;

  const std::string name_;
  const std::string text_;
  const google::protobuf::Descriptor* type_ = nullptr;
  google::protobuf::TextFormat::ParseInfoTree places_;
  std::vector<Located> faults_;
};

}  // namespace schotvrij::identity
