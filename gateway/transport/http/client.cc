#include "gateway/transport/http/client.h"

#include <curl/curl.h>

#include <array>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "schemas/base/strings.h"

namespace schotvrij::http {
namespace {

// Any name will do on a unix socket; the admin listener takes this one.
constexpr std::string_view kUnixBase = "http://localhost";

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto* response = static_cast<ClientResponse*>(user);
  if (response->body.size() + size * count > limits::kClientBodyBytesMax) return 0;
  response->body.append(data, size * count);
  return size * count;
}

size_t OnField(char* data, size_t size, size_t count, void* user) {
  auto* response = static_cast<ClientResponse*>(user);
  absl::string_view line = absl::StripAsciiWhitespace(absl::string_view(data, size * count));
  // A status line begins a new answer: what 100 Continue brought is dropped.
  if (line.substr(0, 5) == "HTTP/") response->fields.clear();
  size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    response->fields.push_back({absl::AsciiStrToLower(line.substr(0, colon)),
                                std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)))});
  }
  return size * count;
}

struct CodeRow {
  CURLcode curl;
  absl::StatusCode status;
};
constexpr std::array<CodeRow, 13> kCodes = {{
    {CURLE_UNSUPPORTED_PROTOCOL, absl::StatusCode::kInvalidArgument},
    {CURLE_URL_MALFORMAT, absl::StatusCode::kInvalidArgument},
    {CURLE_SSL_CERTPROBLEM, absl::StatusCode::kInvalidArgument},
    {CURLE_SSL_CACERT_BADFILE, absl::StatusCode::kInvalidArgument},
    {CURLE_SSL_CONNECT_ERROR, absl::StatusCode::kUnauthenticated},
    {CURLE_PEER_FAILED_VERIFICATION, absl::StatusCode::kUnauthenticated},
    {CURLE_SSL_ISSUER_ERROR, absl::StatusCode::kUnauthenticated},
    // In TLS 1.3 a refused certificate shows at the first read.
    {CURLE_RECV_ERROR, absl::StatusCode::kUnauthenticated},
    {CURLE_COULDNT_CONNECT, absl::StatusCode::kUnavailable},
    {CURLE_COULDNT_RESOLVE_HOST, absl::StatusCode::kUnavailable},
    {CURLE_GOT_NOTHING, absl::StatusCode::kUnavailable},
    {CURLE_OPERATION_TIMEDOUT, absl::StatusCode::kDeadlineExceeded},
    {CURLE_WRITE_ERROR, absl::StatusCode::kResourceExhausted},
}};

absl::Status ToStatus(CURLcode code, const ClientOptions& options) {
  absl::StatusCode status = absl::StatusCode::kUnavailable;
  for (const CodeRow& row : kCodes) {
    if (row.curl == code) status = row.status;
  }
  if (code == CURLE_RECV_ERROR && options.certificate_file.empty() &&
      !options.base.starts_with("https:")) {
    status = absl::StatusCode::kUnavailable;
  }
  return absl::Status(status, absl::StrCat(options.base, ": ", curl_easy_strerror(code)));
}

void SetTarget(CURL* easy, const ClientOptions& options, const std::string& path) {
  std::string base = options.base;
  if (base.starts_with(kUnixScheme)) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, base.substr(kUnixScheme.size()).c_str());
    base = kUnixBase;
  }
  curl_easy_setopt(easy, CURLOPT_URL, absl::StrCat(base, path).c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

void SetTls(CURL* easy, const ClientOptions& options) {
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3);
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.certificate_file.empty())
    curl_easy_setopt(easy, CURLOPT_SSLCERT, options.certificate_file.c_str());
  if (!options.key_file.empty()) curl_easy_setopt(easy, CURLOPT_SSLKEY, options.key_file.c_str());
}

void SetMethod(CURL* easy, const ClientRequest& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (!request.body.empty() || request.method != "GET") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

List FieldList(const ClientRequest& request) {
  curl_slist* list = nullptr;
  for (const Field& field : request.fields)
    list = curl_slist_append(list, absl::StrCat(field.name, ": ", field.value).c_str());
  return List(list);
}

}  // namespace

std::string_view ClientResponse::Header(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

absl::StatusOr<ClientResponse> Call(const ClientOptions& options, const ClientRequest& request) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  Easy easy(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (easy == nullptr) return absl::InternalError("libcurl cannot start");
  if (request.path.empty() || request.path.front() != '/')
    return absl::InvalidArgumentError("a path begins with '/'");
  constexpr int64_t kUsPerMs = 1000;
  ClientResponse response;
  List fields = FieldList(request);
  SetTarget(easy.get(), options, request.path);
  SetTls(easy.get(), options);
  SetMethod(easy.get(), request);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(options.timeout_us / kUsPerMs));
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &response);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, OnField);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &response);
  if (CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK)
    return ToStatus(code, options);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  return response;
}

}  // namespace schotvrij::http
