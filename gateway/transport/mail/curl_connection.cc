#include "gateway/transport/mail/curl_connection.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

int AskAbort(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<std::function<bool()>*>(user))() ? 1 : 0;
}

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
    {CURLE_LOGIN_DENIED, "login"},
    {CURLE_COULDNT_RESOLVE_HOST, "connect"},
    {CURLE_COULDNT_CONNECT, "connect"},
    {CURLE_OPERATION_TIMEDOUT, "timeout"},
    {CURLE_ABORTED_BY_CALLBACK, "shutting-down"},
};

}  // namespace

absl::Status StartCurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  return started == CURLE_OK ? absl::OkStatus() : absl::InternalError("libcurl does not start");
}

CurlPtr NewCurl(const MailServer& server, const char* protocols, std::function<bool()>* abort) {
  CurlPtr handle(curl_easy_init());
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout_us / 1000));
  // Else curl would wait two minutes for the answer to a QUIT.
  curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(server.timeout_us / 1'000'000) + 1);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.timeout_us / 1000));

  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!server.ca_pem.empty()) {
    curl_blob blob = {const_cast<char*>(server.ca_pem.data()), server.ca_pem.size(), CURL_BLOB_COPY};
    curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
    // Or the system's store would be trusted beside it.
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  if (!server.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, server.password.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &AskAbort);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, abort);
  return handle;
}

std::string_view ConnectionFailure(CURLcode code) {
  for (const Failure& failure : kFailures) {
    if (failure.code == code) return failure.reason;
  }
  return "";
}

absl::StatusOr<std::string> ServerUrl(std::string_view url, std::string_view protocol) {
  for (std::string_view ending : {"://", "s://"}) {
    const std::string scheme = absl::StrCat(ToAbsl(protocol), ToAbsl(ending));
    if (!url.starts_with(scheme)) continue;
    const std::string_view host = url.substr(scheme.size());
    const bool plain = std::all_of(host.begin(), host.end(), [](unsigned char c) {
      return absl::ascii_isalnum(c) || std::string_view(".-:[]").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (!host.empty() && plain) return std::string(url);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("must be ", ToAbsl(protocol), "://HOST:PORT or ", ToAbsl(protocol), "s://HOST:PORT"));
}

}  // namespace schotvrij::mail
