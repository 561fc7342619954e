#include "gateway/exchange/stored_answer.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/exchange/client_file.h"
#include "schemas/base/stable_bytes.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::exchange {
namespace {

constexpr int64_t kRetryAfterS = 2;

std::string AnswerRow(std::string_view key_token) {
  return absl::StrCat("answer/", absl::BytesToHexString(ToAbsl(key_token)));
}

}  // namespace

store::Sealed SealAnswer(const identity::KeyRing& keys, std::string_view key_token, const v1::StoredAnswer& answer) {
  return {kSchemaRevision, keys.SealOwn(AnswerRow(key_token), ToBytes(answer))};
}

absl::StatusOr<v1::StoredAnswer> OpenAnswer(const identity::KeyRing& keys, std::string_view key_token,
                                            const store::Sealed& sealed) {
  ASSIGN_OR_RETURN(std::string bytes, keys.OpenOwn(AnswerRow(key_token), sealed.bytes));
  v1::StoredAnswer answer;
  if (!answer.ParseFromString(bytes)) return absl::DataLossError("a stored answer does not parse");
  return answer;
}

policy::Answer FailureAnswer(const absl::Status& status) {
  const char* rule = status.code() == absl::StatusCode::kResourceExhausted ? "BUSY"
                     : status.code() == absl::StatusCode::kUnavailable     ? "STORE-UNAVAILABLE"
                                                                           : "INTERNAL";
  policy::Answer answer = policy::Answer::Refused({MakeIssue(rule, "")});
  answer.retry_after_s = kRetryAfterS;
  return answer;
}

}  // namespace schotvrij::exchange
