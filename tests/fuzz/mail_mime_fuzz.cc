// A mail that came in: any bytes are opened or refused, with nothing to open what is encrypted. The rules that it may be refused by are
// those of open_mail.h, and what is handed on has the form that opened_mail.proto says.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/opener/open_mail.h"
#include "schemas/base/limits.h"

namespace {

namespace limits = schotvrij::limits;

constexpr std::string_view kRules[] = {"MAIL-SYNTAX",    "MAIL-PARTS",     "MAIL-NO-TEXT", "MAIL-ATTACHMENT", "MAIL-NOT-FOR-US",
                                       "MAIL-ALGORITHM", "MAIL-SIGNATURE", "TEXT-SIZE",    "TEXT-CHARACTERS"};

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireWord(const std::string& word) {
  Require(word.size() <= limits::kMailAddressBytesMax);
  Require(std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c < '\x7f'; }));
}

void RequireForm(const schotvrij::mail::v1::OpenedMail& opened) {
  RequireWord(opened.from());
  RequireWord(opened.message_id());
  Require(opened.about_size() <= limits::kMailAboutMax);
  for (const std::string& id : opened.about()) Require(id.size() == 32);
  for (const std::string* word : {&opened.report().message_id(), &opened.report().action(), &opened.report().status(),
                                  &opened.report().recipient()}) {
    RequireWord(*word);
  }
  Require(opened.text().size() <= limits::kMailTextBytesMax && opened.text().find('\r') == std::string::npos);
  Require(opened.text().find('\0') == std::string::npos && (opened.text().empty() || opened.text().back() == '\n'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool prepared = (schotvrij::opener::Prepare(), true);
  Require(prepared);
  schotvrij::mail::v1::OpenRequest request;
  request.set_mail(data, size);
  const schotvrij::mail::v1::OpenedMail opened = schotvrij::opener::Open(request);
  RequireForm(opened);
  Require(!opened.encrypted());
  if (opened.refused().empty()) {
    Require(opened.text().empty() == opened.has_report());
    Require(opened.text().empty() || opened.key().size() == 64);
  } else {
    Require(std::find(std::begin(kRules), std::end(kRules), opened.refused()) != std::end(kRules));
    Require(opened.text().empty() && !opened.has_report());
  }
  // It reads back: all strings are UTF-8.
  Require(schotvrij::mail::v1::OpenedMail().ParseFromString(opened.SerializeAsString()));
  return 0;
}
