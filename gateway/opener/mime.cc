#include "gateway/opener/mime.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gateway/opener/charset.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"

namespace schotvrij::opener {
namespace {

struct Unref {
  template <typename T>
  void operator()(T* object) const {
    g_object_unref(object);
  }
};
template <typename T>
using Ptr = std::unique_ptr<T, Unref>;

constexpr size_t kIdDigits = 32;

Ptr<GMimeObject> ParseEntity(std::string_view entity) {
  const Ptr<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(entity.data(), entity.size()));
  const Ptr<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  return Ptr<GMimeObject>(g_mime_parser_construct_part(parser.get(), nullptr));
}

// What a part holds, with its transfer encoding undone.
std::string ContentOf(GMimePart* part) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content == nullptr) return "";
  const Ptr<GMimeStream> into(g_mime_stream_mem_new());
  if (g_mime_data_wrapper_write_to_stream(content, into.get()) < 0) return "";
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(into.get()));
  return std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

bool IsType(GMimeObject* object, const char* type, const char* subtype) {
  return g_mime_content_type_is_type(g_mime_object_get_content_type(object), type, subtype);
}

std::string Parameter(GMimeObject* object, const char* name) {
  const char* value = g_mime_content_type_get_parameter(g_mime_object_get_content_type(object), name);
  return value == nullptr ? "" : value;
}

std::string_view Trimmed(std::string_view text) { return FromAbsl(absl::StripAsciiWhitespace(ToAbsl(text))); }

// The word as it may be said on: short, and of printable ASCII. Nothing otherwise.
std::string Plain(std::string_view word) {
  const auto is_plain = [](unsigned char c) { return absl::ascii_isgraph(c); };
  if (word.size() > limits::kMailAddressBytesMax || !std::all_of(word.begin(), word.end(), is_plain)) return "";
  return std::string(word);
}

// "<id>" without its brackets.
std::string WithoutBrackets(std::string_view id) {
  id = Trimmed(id);
  if (id.size() < 2 || id.front() != '<' || id.back() != '>') return "";
  return Plain(id.substr(1, id.size() - 2));
}

// The value of a field in lines "Name: value"; the first that has it.
std::string FieldIn(std::string_view lines, std::string_view name) {
  for (absl::string_view part : absl::StrSplit(ToAbsl(lines), '\n')) {
    const std::string_view line = FromAbsl(part);
    const size_t colon = line.find(':');
    if (colon == line.npos || !absl::EqualsIgnoreCase(ToAbsl(line.substr(0, colon)), ToAbsl(name))) continue;
    return std::string(Trimmed(line.substr(colon + 1)));
  }
  return "";
}

bool IsIdDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// Ids of the gateway's messages in a field's value.
void AddIds(std::string_view value, mail::v1::OpenedMail* opened) {
  for (size_t at = 0; at < value.size() && opened->about_size() < limits::kMailAboutMax;) {
    size_t end = at;
    while (end < value.size() && absl::ascii_isalnum(static_cast<unsigned char>(value[end]))) ++end;
    const std::string id(value.substr(at, end - at));
    at = std::max(end, at + 1);
    if (id.size() != kIdDigits || !std::all_of(id.begin(), id.end(), &IsIdDigit)) continue;
    if (std::find(opened->about().begin(), opened->about().end(), id) == opened->about().end()) opened->add_about(id);
  }
}

// What another server says of a mail of ours: the group of the recipient, and the header that it sends back.
class ReportReader {
 public:
  mail::v1::DeliveryReport Read(GMimeMultipart* report) {
    for (int i = 0; i < std::min(g_mime_multipart_get_count(report), limits::kMailPartsMax); ++i) {
      GMimeObject* part = g_mime_multipart_get_part(report, i);
      if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage* message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
        const char* id = message == nullptr ? nullptr : g_mime_object_get_header(GMIME_OBJECT(message), "Message-ID");
        if (id != nullptr) report_.set_message_id(WithoutBrackets(id));
      } else if (GMIME_IS_PART(part) && IsType(part, "text", "rfc822-headers")) {
        report_.set_message_id(WithoutBrackets(FieldIn(ContentOf(GMIME_PART(part)), "Message-ID")));
      } else if (GMIME_IS_PART(part) && IsType(part, "message", "delivery-status")) {
        ReadStatus(ContentOf(GMIME_PART(part)));
      }
    }
    return std::move(report_);
  }

 private:
  void ReadStatus(std::string_view lines) {
    report_.set_action(Plain(absl::AsciiStrToLower(ToAbsl(FieldIn(lines, "Action")))));
    report_.set_status(Plain(FieldIn(lines, "Status")));
    std::string recipient = FieldIn(lines, "Original-Recipient");
    if (recipient.empty()) recipient = FieldIn(lines, "Final-Recipient");
    const size_t semicolon = recipient.find(';');
    report_.set_recipient(Plain(Trimmed(semicolon == recipient.npos ? recipient : recipient.substr(semicolon + 1))));
  }

  mail::v1::DeliveryReport report_;
};

int CountOf(GMimeObject* object, const char* name) {
  GMimeHeaderList* headers = g_mime_object_get_header_list(object);
  int count = 0;
  for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
    count += absl::EqualsIgnoreCase(g_mime_header_get_name(g_mime_header_list_get_header_at(headers, i)), name) ? 1 : 0;
  }
  return count;
}

// Two readers may take it for two different things.
bool IsAmbiguous(GMimeObject* object) {
  return CountOf(object, "Content-Type") > 1 || CountOf(object, "Content-Transfer-Encoding") > 1;
}

// In a transfer encoding that nobody knows; what it holds is no text then (RFC 2045 6.4).
bool IsUnreadable(GMimePart* part) {
  return g_mime_part_get_content_encoding(part) == GMIME_CONTENT_ENCODING_DEFAULT &&
         CountOf(GMIME_OBJECT(part), "Content-Transfer-Encoding") > 0;
}

bool IsCms(GMimeObject* object) {
  return IsType(object, "application", "pkcs7-mime") || IsType(object, "application", "x-pkcs7-mime");
}

// Collects the texts of a tree of parts, or finds why it may not.
class TextReader {
 public:
  Rule Read(GMimeObject* object) {
    Walk(object, 0, true);
    if (!refused_.empty()) return refused_;
    return text_.empty() ? "MAIL-NO-TEXT" : "";
  }
  std::string Take() { return std::move(text_); }

 private:
  // `wanted`: its texts are; else it is only seen to that nothing of S/MIME is in it.
  void Walk(GMimeObject* object, int depth, bool wanted) {
    if (!refused_.empty()) return;
    if (depth > limits::kMailDepthMax || ++parts_ > limits::kMailPartsMax) return Refuse("MAIL-PARTS");
    if (IsAmbiguous(object)) return Refuse("MAIL-SYNTAX");
    if (GMIME_IS_MULTIPART(object)) return WalkMultipart(GMIME_MULTIPART(object), depth, wanted);
    if (IsCms(object)) return Refuse("MAIL-SIGNATURE");
    if (!wanted || IsType(object, "text", "html") || IsType(object, "image", "*")) return;
    if (!GMIME_IS_PART(object) || !IsType(object, "text", "plain")) return Refuse("MAIL-ATTACHMENT");
    AddText(GMIME_PART(object));
  }

  void WalkMultipart(GMimeMultipart* multipart, int depth, bool wanted) {
    GMimeObject* object = GMIME_OBJECT(multipart);
    if (IsType(object, "multipart", "signed")) return Refuse("MAIL-SIGNATURE");  // signed, but not all of it
    if (IsType(object, "multipart", "encrypted")) return Refuse("MAIL-ALGORITHM");
    const int count = g_mime_multipart_get_count(multipart);
    if (count > limits::kMailPartsMax) return Refuse("MAIL-PARTS");
    for (int i = 0; i < count; ++i) {
      GMimeObject* part = g_mime_multipart_get_part(multipart, i);
      const size_t before = text_.size();
      Walk(part, depth + 1, wanted);
      // The others say the same in another form.
      wanted = wanted && (!IsType(object, "multipart", "alternative") || text_.size() == before);
    }
  }

  void AddText(GMimePart* part) {
    if (IsUnreadable(part)) return Refuse("MAIL-ATTACHMENT");
    const std::string bytes = ContentOf(part);
    if (bytes.size() > limits::kMailTextBytesMax) return Refuse("TEXT-SIZE");
    std::optional<std::string> text = ToUtf8(bytes, Parameter(GMIME_OBJECT(part), "charset"));
    if (!text.has_value()) return Refuse("TEXT-CHARACTERS");
    text->erase(std::remove(text->begin(), text->end(), '\r'), text->end());
    text_.append(*text);
    if (!text_.empty() && text_.back() != '\n') text_ += '\n';
    if (text_.size() > limits::kMailTextBytesMax) Refuse("TEXT-SIZE");
  }

  void Refuse(const char* rule) { refused_ = rule; }

  Rule refused_;
  std::string text_;
  int parts_ = 0;
};

Entity Refused(Rule rule) { return {std::move(rule), Entity::Kind::kContent, "", "", {}}; }

// A program wrote it: what it says is no answer of anybody's, and to answer it would go round.
bool IsByProgram(const std::string& name, const std::string& value) {
  if (name == "auto-submitted") return !absl::StartsWith(value, "no");
  if (name == "precedence") return value == "bulk" || value == "junk" || value == "list" || value == "auto_reply";
  if (name == "return-path") return value == "<>";
  return name == "list-id" || name == "x-autoreply" || name == "x-autorespond";
}

std::string_view HeadOf(std::string_view mail) { return mail.substr(0, std::min(mail.find("\n\r\n"), mail.find("\n\n"))); }

// Its encoded words (RFC 2047) as text.
std::string Decoded(const char* raw) {
  const std::unique_ptr<char, decltype(&g_free)> text(g_mime_utils_header_decode_text(nullptr, raw), &g_free);
  return text == nullptr ? "" : text.get();
}

// One address, and nothing but it and a name.
std::string AddressIn(const char* value) {
  const Ptr<InternetAddressList> list(internet_address_list_parse(nullptr, value));
  if (list == nullptr || internet_address_list_length(list.get()) != 1) return "";
  InternetAddress* one = internet_address_list_get_address(list.get(), 0);
  if (!INTERNET_ADDRESS_IS_MAILBOX(one)) return "";
  const char* address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
  const std::string word = absl::AsciiStrToLower(Plain(address == nullptr ? "" : address));
  return word.find('@') == word.npos ? "" : word;
}

}  // namespace

Entity ReadEntity(std::string_view bytes) {
  const Ptr<GMimeObject> object = ParseEntity(bytes);
  if (object == nullptr || IsAmbiguous(object.get())) return Refused("MAIL-SYNTAX");
  if (IsCms(object.get())) {
    if (!GMIME_IS_PART(object.get())) return Refused("MAIL-SYNTAX");
    return {"", Entity::Kind::kCms, ContentOf(GMIME_PART(object.get())), "", {}};
  }
  if (IsType(object.get(), "multipart", "signed")) return {"", Entity::Kind::kMultipartSigned, "", "", {}};
  if (GMIME_IS_MULTIPART(object.get()) && IsType(object.get(), "multipart", "report")) {
    return {"", Entity::Kind::kReport, "", "", ReportReader().Read(GMIME_MULTIPART(object.get()))};
  }
  TextReader reader;
  if (Rule refused = reader.Read(object.get()); !refused.empty()) return Refused(refused);
  return {"", Entity::Kind::kContent, "", reader.Take(), {}};
}

Rule ReadHead(std::string_view mail, mail::v1::OpenedMail* opened) {
  if (HeadOf(mail).find('\0') != std::string_view::npos) return "MAIL-SYNTAX";  // a value would end there for GMime alone
  const Ptr<GMimeObject> object = ParseEntity(mail);
  if (object == nullptr) return "MAIL-SYNTAX";
  GMimeHeaderList* headers = g_mime_object_get_header_list(object.get());
  int authors = 0;
  for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
    GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
    const char* raw = g_mime_header_get_raw_value(header);
    if (raw == nullptr) continue;
    const std::string name = absl::AsciiStrToLower(g_mime_header_get_name(header));
    const std::string value = absl::AsciiStrToLower(ToAbsl(Trimmed(raw)));
    if (name == "from") {
      ++authors;
      opened->set_from(AddressIn(raw));
    } else if (name == "message-id") {
      opened->set_message_id(WithoutBrackets(raw));
    } else if (name == "in-reply-to") {
      AddIds(raw, opened);
    } else if (name == "subject") {
      AddIds(Decoded(raw), opened);
    }
    if (IsByProgram(name, value)) opened->set_automatic(true);
  }
  if (authors > 1) opened->clear_from();
  return authors > 1 ? "MAIL-SYNTAX" : "";
}

}  // namespace schotvrij::opener
