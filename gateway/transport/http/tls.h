// TLS context of a partner's listener: TLS 1.3 only, a client certificate of a known CA required.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/transport/http/server.h"

struct ssl_st;
struct ssl_ctx_st;

namespace schotvrij::http {

struct TlsContextDeleter {
  void operator()(ssl_ctx_st* context) const;
};
using TlsContext = std::unique_ptr<ssl_ctx_st, TlsContextDeleter>;

// kInvalidArgument naming the file that cannot be used.
absl::StatusOr<TlsContext> NewServerContext(const TlsFiles& files);

// DER of the certificate that the other side proved; empty when there is none.
std::string PeerCertificate(ssl_st* connection);

}  // namespace schotvrij::http
