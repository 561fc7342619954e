// Client: one HTTP request from our own command line, with mutual TLS or over the admin's unix
// socket. Blocks.
//
//   absl::StatusOr<ClientResponse> reply = Call({.base = "https://gateway:8443", .tls = files},
//   {.path = "/fhir/metadata"});
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/transport/http/message.h"
#include "schemas/base/limits.h"

namespace schotvrij::http {

struct ClientOptions {
  // "https://HOST:PORT", "http://127.0.0.1:PORT", or "unix:PATH", as the configuration writes an
  // admin address.
  std::string base;
  std::string ca_file;  // whom the server's certificate must come from; empty: the system's store
  std::string certificate_file;  // PEM; empty: none
  std::string key_file;
  int64_t timeout_us = limits::kClientUsMax;
};

struct ClientRequest {
  std::string method = "GET";
  std::string path;  // with a leading '/'
  std::vector<Field> fields;
  std::string body;
};

struct ClientResponse {
  int status = 0;
  std::vector<Field> fields;
  std::string body;

  std::string_view Header(std::string_view name) const;  // lower case; empty when absent
};

// kInvalidArgument: the base is no URL of these schemes, or a file cannot be read;
// kUnauthenticated: TLS refused on either side; kUnavailable: no connection; kDeadlineExceeded;
// kResourceExhausted: the answer is larger than kClientBodyBytesMax.
absl::StatusOr<ClientResponse> Call(const ClientOptions& options, const ClientRequest& request);

}  // namespace schotvrij::http
