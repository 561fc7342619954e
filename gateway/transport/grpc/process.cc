#include "gateway/transport/grpc/process.h"

#include <cstdlib>

#include "google/protobuf/stubs/logging.h"

namespace schotvrij::rpc {
namespace {

// TLS 1.2 suites with an ephemeral key and authenticated encryption (NCSC TLS guideline: good or sufficient).
constexpr char kCipherSuites[] =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256";

}  // namespace

void PrepareProcess() {
  setenv("GRPC_SSL_CIPHER_SUITES", kCipherSuites, /*overwrite=*/1);
  unsetenv("GRPC_TRACE");
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace schotvrij::rpc
