// A libcurl handle for a mail server: TLS always and verified, nothing taken from the environment, bounded in time.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace schotvrij::mail {

struct MailServer {
  std::string url;     // smtp:// or imap:// (STARTTLS is required), smtps:// or imaps://
  std::string ca_pem;  // empty: the system's store
  std::string user;    // empty: no authentication
  std::string password;
  int64_t timeout_us = 0;
};

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using CurlPtr = std::unique_ptr<CURL, CurlDeleter>;

// Before the first handle; kInternal when libcurl does not start. Thread-safe.
absl::Status StartCurl();

// `protocols`: "smtp,smtps". `abort` is asked about once a second while a conversation lasts; true ends it. `server` and `abort` outlive
// the handle.
CurlPtr NewCurl(const MailServer& server, const char* protocols, std::function<bool()>* abort);

// What went wrong below the protocol's own replies: "tls-verify", "tls-not-offered", "tls-failed", "login", "connect", "timeout",
// "shutting-down"; empty: none of these.
std::string_view ConnectionFailure(CURLcode code);

// `url` without a path, when it is PROTOCOL://HOST or PROTOCOLs://HOST, with at most a port. kInvalidArgument otherwise.
absl::StatusOr<std::string> ServerUrl(std::string_view url, std::string_view protocol);

}  // namespace schotvrij::mail
