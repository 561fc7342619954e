// Wire: gRPC's buffers to messages and back. Methods are registered raw, for two reasons: what cannot be parsed is answered in
// our words (gRPC 1.51 says UNIMPLEMENTED), and what goes out can only be made from Encoded or EncodedAnswer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"
#include "policy/disclosure/answer.h"
#include "policy/disclosure/encoded.h"
#include "schemas/base/issue.h"

namespace schotvrij::rpc {

// Fills `message`, or says what is wrong: BODY-SIZE, PROTO-SYNTAX (cut short, or text that is not UTF-8), UNKNOWN-FIELD.
std::optional<Issue> Parse(const grpc::ByteBuffer& buffer, google::protobuf::Message& message);

grpc::ByteBuffer ToBuffer(const policy::Encoded& encoded);
grpc::ByteBuffer ToBuffer(const policy::EncodedAnswer& encoded);

// `response` says to the caller what `answer` says.
policy::EncodedAnswer Encode(const policy::Answer& answer, const google::protobuf::Message& response);

// KEY-FORM when `key` is empty, longer than limits::kKeyBytesMax or holds control characters.
std::optional<Issue> CheckKey(std::string_view key, std::string_view path);

}  // namespace schotvrij::rpc
