#include "gateway/transport/mail/imap_session.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

constexpr size_t kSaidBytesMax = 1 << 20;  // to one command; a list of a hundred thousand mails fits

struct Download {
  std::string bytes;
  size_t most;
};

size_t WriteDownload(char* piece, size_t size, size_t count, void* user) {
  Download& download = *static_cast<Download*>(user);
  if (download.bytes.size() + size * count > download.most) return 0;  // ends the transfer
  download.bytes.append(piece, size * count);
  return size * count;
}

// The number behind `word` in what a server said.
std::optional<uint64_t> NumberBehind(std::string_view said, std::string_view word) {
  const size_t at = said.find(word);
  if (at == said.npos) return std::nullopt;
  std::string_view rest = said.substr(at + word.size());
  rest = rest.substr(0, std::min(rest.find_first_not_of("0123456789"), rest.size()));
  uint64_t number = 0;
  return absl::SimpleAtoi(ToAbsl(rest), &number) ? std::optional(number) : std::nullopt;
}

std::string Escaped(CURL* curl, const std::string& text) {
  char* escaped = curl_easy_escape(curl, text.c_str(), static_cast<int>(text.size()));
  std::string result = escaped == nullptr ? "" : escaped;
  curl_free(escaped);
  return result;
}

}  // namespace

bool IsPlainFolder(std::string_view folder) {
  return !folder.empty() && folder.size() <= limits::kKeyBytesMax && std::all_of(folder.begin(), folder.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
}

struct ImapSession::Handle {
  std::string server_url;
  std::string folder;
  std::string folder_url;
  std::function<bool()> abort;
  CurlPtr curl;
};

ImapSession::ImapSession(const MailServer& server, std::string folder, std::function<bool()> abort)
    : handle_(std::make_unique<Handle>()) {
  handle_->abort = std::move(abort);
  handle_->curl = NewCurl(server, "imap,imaps", &handle_->abort);
  handle_->server_url = server.url;
  handle_->folder_url = absl::StrCat(server.url, "/", Escaped(handle_->curl.get(), folder));
  handle_->folder = std::move(folder);
}

ImapSession::~ImapSession() = default;

absl::StatusOr<std::string> ImapSession::Perform(const std::string& url, size_t most) {
  CURL* curl = handle_->curl.get();
  Download download{"", most};
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &WriteDownload);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &download);
  const CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_OK) return std::move(download.bytes);
  if (code == CURLE_WRITE_ERROR) return absl::ResourceExhaustedError("imap-size");
  const std::string_view failure = ConnectionFailure(code);
  if (failure == "login") return absl::UnavailableError("imap-login");
  return absl::UnavailableError(failure.empty() ? "imap-no" : ToAbsl(failure));
}

absl::StatusOr<std::string> ImapSession::Ask(const std::string& command, uint32_t validity) {
  CURL* curl = handle_->curl.get();
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, command.c_str());
  std::string url = handle_->folder_url;
  if (validity != 0) absl::StrAppend(&url, ";UIDVALIDITY=", validity);
  absl::StatusOr<std::string> said = Perform(url, kSaidBytesMax);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, nullptr);
  return said;
}

absl::StatusOr<std::vector<MailUid>> ImapSession::List() {
  CURL* curl = handle_->curl.get();
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, absl::StrCat("STATUS \"", handle_->folder, "\" (UIDVALIDITY)").c_str());
  absl::StatusOr<std::string> status = Perform(handle_->server_url + "/", kSaidBytesMax);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, nullptr);
  RETURN_IF_ERROR(status.status());
  const std::optional<uint64_t> validity = NumberBehind(*status, "UIDVALIDITY ");
  if (!validity.has_value()) return absl::UnavailableError("imap-no");
  // What was marked when the connection or the process ended.
  ASSIGN_OR_RETURN(const std::vector<MailUid> marked, Search("DELETED", static_cast<uint32_t>(*validity)));
  if (!marked.empty()) RETURN_IF_ERROR(Ask("EXPUNGE", static_cast<uint32_t>(*validity)).status());
  ASSIGN_OR_RETURN(std::vector<MailUid> mails, Search("UNDELETED", static_cast<uint32_t>(*validity)));
  if (mails.size() > limits::kMailsPerLook) mails.resize(limits::kMailsPerLook);
  return mails;
}

absl::StatusOr<std::vector<MailUid>> ImapSession::Search(const std::string& what, uint32_t validity) {
  ASSIGN_OR_RETURN(const std::string said, Ask("UID SEARCH " + what, validity));
  std::vector<MailUid> mails;
  for (absl::string_view word : absl::StrSplit(said, absl::ByAnyChar(" \r\n"), absl::SkipEmpty())) {
    uint32_t uid = 0;
    if (absl::SimpleAtoi(word, &uid) && uid > 0) mails.push_back({validity, uid});
  }
  std::sort(mails.begin(), mails.end(), [](const MailUid& a, const MailUid& b) { return a.uid < b.uid; });
  return mails;
}

absl::StatusOr<std::string> ImapSession::Fetch(const MailUid& mail) {
  ASSIGN_OR_RETURN(const std::string said, Ask(absl::StrCat("UID FETCH ", mail.uid, " (RFC822.SIZE)"), mail.folder_validity));
  const std::optional<uint64_t> size = NumberBehind(said, "RFC822.SIZE ");
  if (!size.has_value()) return absl::UnavailableError("imap-no");
  if (*size > limits::kMailBytesMax) return absl::ResourceExhaustedError("imap-size");
  return Perform(absl::StrCat(handle_->folder_url, ";UIDVALIDITY=", mail.folder_validity, "/;UID=", mail.uid),
                 limits::kMailBytesMax);
}

absl::Status ImapSession::Delete(const MailUid& mail) {
  RETURN_IF_ERROR(Ask(absl::StrCat("UID STORE ", mail.uid, " +FLAGS.SILENT (\\Deleted)"), mail.folder_validity).status());
  // What is marked is not listed any more; a server without UIDPLUS (RFC 4315) drops it with all that is marked.
  if (Ask(absl::StrCat("UID EXPUNGE ", mail.uid), mail.folder_validity).ok()) return absl::OkStatus();
  return Ask("EXPUNGE", mail.folder_validity).status();
}

absl::Status ImapSession::Move(const MailUid& mail, const std::string& folder) {
  const std::string copy = absl::StrCat("UID COPY ", mail.uid, " \"", folder, "\"");
  if (!Ask(copy, mail.folder_validity).ok()) {
    RETURN_IF_ERROR(Ask(absl::StrCat("CREATE \"", folder, "\""), mail.folder_validity).status());
    RETURN_IF_ERROR(Ask(copy, mail.folder_validity).status());
  }
  return Delete(mail);
}

}  // namespace schotvrij::mail
