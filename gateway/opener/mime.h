// One MIME entity taken apart, by GMime. open_mail.h says what of it is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/opener/rule.h"
#include "schotvrij/mail/v1/opened_mail.pb.h"

namespace schotvrij::opener {

struct Entity {
  Rule refused;
  enum class Kind { kContent, kCms, kMultipartSigned, kReport } kind = Kind::kContent;
  std::string cms;   // of kCms: what the part holds, decoded
  std::string text;  // of kContent
  mail::v1::DeliveryReport report;
};

// `entity`: header fields, an empty line, body. Texts within it count only when nothing of S/MIME is in it.
Entity ReadEntity(std::string_view entity);

// What the header fields of a whole mail say, into the fields of that name; and by which rule they are refused.
Rule ReadHead(std::string_view mail, mail::v1::OpenedMail* opened);

}  // namespace schotvrij::opener
