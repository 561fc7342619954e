#include "gateway/transport/mail/smtp_session.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

using exchange::DeliveryOutcome;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// The message on its way out.
struct Upload {
  std::string_view rest;
  bool begun = false;
};

size_t ReadUpload(char* buffer, size_t size, size_t count, void* user) {
  Upload& upload = *static_cast<Upload*>(user);
  upload.begun = true;
  const size_t taken = std::min(size * count, upload.rest.size());
  std::memcpy(buffer, upload.rest.data(), taken);
  upload.rest.remove_prefix(taken);
  return taken;
}

// What the peer says is never kept.
size_t Discard(char*, size_t size, size_t count, void*) { return size * count; }

// curl reports a refusal of MAIL, RCPT or DATA as a failure to send, and one after the message as
// an odd reply; a refusal of the greeting or EHLO is no verdict on the message.
bool IsAboutTheMessage(CURLcode code, bool begun) { return begun || code == CURLE_SEND_ERROR; }

DeliveryOutcome OutcomeOf(CURLcode code, long reply, bool begun) {
  using Kind = DeliveryOutcome::Kind;
  if (code == CURLE_OK) return {Kind::kAccepted, ""};
  const std::string_view failure = ConnectionFailure(code);
  if (failure == "login") return {Kind::kTransient, "smtp-login"};
  if (!failure.empty()) return {Kind::kTransient, std::string(failure)};
  if (reply < 400 || reply > 599) return {Kind::kTransient, "connection-lost"};
  const bool permanent = reply >= 500 && IsAboutTheMessage(code, begun);
  return {permanent ? Kind::kPermanent : Kind::kTransient, absl::StrCat("smtp-", reply)};
}

}  // namespace

absl::StatusOr<std::string> SubmissionUrl(std::string_view url, std::string_view ehlo_name) {
  ASSIGN_OR_RETURN(std::string server, ServerUrl(url, "smtp"));
  return absl::StrCat(server, "/", ToAbsl(ehlo_name));
}

struct SmtpSession::Handle {
  CurlPtr curl;
  std::function<bool()> abort;
  bool connected = false;  // a connection may be left from the message before
};

SmtpSession::SmtpSession(const MailServer& server, std::function<bool()> abort)
    : handle_(std::make_unique<Handle>()) {
  handle_->abort = std::move(abort);
  handle_->curl = NewCurl(server, "smtp,smtps", &handle_->abort);
  CURL* curl = handle_->curl.get();
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &ReadUpload);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Discard);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Discard);
}

// curl says QUIT to a connection that is left and waits up to two minutes for the answer. Where none is to be expected the
// line is cut instead.
SmtpSession::~SmtpSession() {
  if (handle_->connected && !handle_->abort()) return;
  curl_socket_t line = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_->curl.get(), CURLINFO_ACTIVESOCKET, &line);
  if (line != CURL_SOCKET_BAD) ::shutdown(line, SHUT_RDWR);
}

DeliveryOutcome SmtpSession::Submit(const std::string& from, const std::string& to,
                                    std::string_view message) {
  CURL* curl = handle_->curl.get();
  std::unique_ptr<curl_slist, ListDeleter> recipients(curl_slist_append(nullptr, to.c_str()));
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  // A kept connection may have gone stale: one more try on a new one, while nothing of the message
  // has been said.
  for (bool fresh = !handle_->connected;; fresh = true) {
    Upload upload{message};
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    const CURLcode code = curl_easy_perform(curl);
    long reply = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    const DeliveryOutcome outcome = OutcomeOf(code, reply, upload.begun);
    handle_->connected = outcome.kind == DeliveryOutcome::Kind::kAccepted;
    const bool stale = !fresh && !upload.begun && outcome.reason == "connection-lost";
    if (!stale) return outcome;
  }
}

}  // namespace schotvrij::mail
