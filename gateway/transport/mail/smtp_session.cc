#include "gateway/transport/mail/smtp_session.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

using exchange::DeliveryOutcome;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
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

int AskAbort(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<std::function<bool()>*>(user))() ? 1 : 0;
}

// What went wrong below SMTP's own replies. All of it can pass.
struct Failure {
  CURLcode code;
  std::string_view reason;
};
constexpr Failure kFailures[] = {
    {CURLE_PEER_FAILED_VERIFICATION, "tls-verify"},
    {CURLE_SSL_ISSUER_ERROR, "tls-verify"},
    {CURLE_USE_SSL_FAILED, "tls-not-offered"},
    {CURLE_SSL_CONNECT_ERROR, "tls-failed"},
    {CURLE_SSL_CIPHER, "tls-failed"},
    {CURLE_SSL_CACERT_BADFILE, "tls-failed"},
    {CURLE_LOGIN_DENIED, "smtp-login"},
    {CURLE_COULDNT_RESOLVE_HOST, "connect"},
    {CURLE_COULDNT_CONNECT, "connect"},
    {CURLE_OPERATION_TIMEDOUT, "timeout"},
    {CURLE_ABORTED_BY_CALLBACK, "shutting-down"},
};

// curl reports a refusal of MAIL, RCPT or DATA as a failure to send, and one after the message as
// an odd reply; a refusal of the greeting or EHLO is no verdict on the message.
bool IsAboutTheMessage(CURLcode code, bool begun) { return begun || code == CURLE_SEND_ERROR; }

DeliveryOutcome OutcomeOf(CURLcode code, long reply, bool begun) {
  using Kind = DeliveryOutcome::Kind;
  if (code == CURLE_OK) return {Kind::kAccepted, ""};
  for (const Failure& failure : kFailures) {
    if (failure.code == code) return {Kind::kTransient, std::string(failure.reason)};
  }
  if (reply < 400 || reply > 599) return {Kind::kTransient, "connection-lost"};
  const bool permanent = reply >= 500 && IsAboutTheMessage(code, begun);
  return {permanent ? Kind::kPermanent : Kind::kTransient, absl::StrCat("smtp-", reply)};
}

}  // namespace

absl::StatusOr<std::string> SubmissionUrl(std::string_view url, std::string_view ehlo_name) {
  for (std::string_view scheme : {"smtp://", "smtps://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view host = url.substr(scheme.size());
    const bool plain = std::all_of(host.begin(), host.end(), [](unsigned char c) {
      return absl::ascii_isalnum(c) ||
             std::string_view(".-:[]").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (!host.empty() && plain) return absl::StrCat(ToAbsl(url), "/", ToAbsl(ehlo_name));
  }
  return absl::InvalidArgumentError("must be smtp://HOST:PORT or smtps://HOST:PORT");
}

struct SmtpSession::Handle {
  std::unique_ptr<CURL, CurlDeleter> curl;
  std::function<bool()> abort;
  bool connected = false;  // a connection may be left from the message before
};

SmtpSession::SmtpSession(const SmtpServer& server, std::function<bool()> abort)
    : handle_(std::make_unique<Handle>()) {
  handle_->curl.reset(curl_easy_init());
  handle_->abort = std::move(abort);
  CURL* curl = handle_->curl.get();
  curl_easy_setopt(curl, CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout_us / 1000));
  // Else curl would wait two minutes for the answer to a QUIT.
  curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                   static_cast<long>(server.timeout_us / 1'000'000) + 1);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.timeout_us / 1000));

  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!server.ca_pem.empty()) {
    curl_blob blob = {const_cast<char*>(server.ca_pem.data()), server.ca_pem.size(),
                      CURL_BLOB_COPY};
    curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
    // Or the system's store would be trusted beside it.
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  if (!server.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, server.password.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &ReadUpload);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Discard);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Discard);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &AskAbort);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &handle_->abort);
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
