#include "gateway/transport/grpc/wire.h"

#include <algorithm>
#include <vector>

#include "grpcpp/support/slice.h"
#include "schemas/base/limits.h"
#include "schemas/base/redact.h"

namespace schotvrij::rpc {
namespace {

constexpr char kMediaType[] = "application/x-protobuf";

std::string Flatten(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

grpc::ByteBuffer OfBytes(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

std::optional<Issue> Parse(const grpc::ByteBuffer& buffer, google::protobuf::Message& message) {
  if (buffer.Length() > limits::kBodyBytesMax) return MakeIssue("BODY-SIZE", "");
  if (!message.ParseFromString(Flatten(buffer))) return MakeIssue("PROTO-SYNTAX", "");
  if (std::string path = FindUnknown(message); !path.empty()) return MakeIssue("UNKNOWN-FIELD", path);
  return std::nullopt;
}

grpc::ByteBuffer ToBuffer(const policy::Encoded& encoded) { return OfBytes(encoded.bytes()); }
grpc::ByteBuffer ToBuffer(const policy::EncodedAnswer& encoded) { return OfBytes(encoded.bytes()); }

policy::EncodedAnswer Encode(const policy::Answer& answer, const google::protobuf::Message& response) {
  return policy::EncodedAnswer::From(answer, response.SerializeAsString(), kMediaType);
}

std::optional<Issue> CheckKey(std::string_view key, std::string_view path) {
  const bool control = std::any_of(key.begin(), key.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (key.empty() || key.size() > limits::kKeyBytesMax || control) return MakeIssue("KEY-FORM", path);
  return std::nullopt;
}

}  // namespace schotvrij::rpc
