#include "policy/grounds.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "schemas/base/strings.h"

namespace schotvrij::policy {
namespace {

// By number of v1::Secrecy.
constexpr std::string_view kSecrecy[] = {"secrecy", "secrecy lifted by consent",
                                         "secrecy lifted by statute", "no secrecy"};

}  // namespace

std::string InWords(const v1::Grounds& grounds) {
  std::string words;
  if (grounds.article_6() != v1::Grounds::ARTICLE6_UNSPECIFIED) {
    const char letter = static_cast<char>('a' + grounds.article_6() - v1::Grounds::CONSENT);
    absl::StrAppend(&words, "AVG 6(1)(", std::string(1, letter), "): ", grounds.article_6_basis());
  }
  if (!grounds.article_9().empty()) {
    absl::StrAppend(&words, "; AVG 9: ", grounds.article_9());
  } else {
    absl::StrAppend(&words, "; no health shown: ", grounds.no_health_shown());
  }
  absl::StrAppend(&words, "; ", ToAbsl(kSecrecy[grounds.secrecy()]), ": ", grounds.secrecy_basis());
  if (!grounds.bsn_statute().empty()) absl::StrAppend(&words, "; BSN: ", grounds.bsn_statute());
  if (grounds.unverified()) absl::StrAppend(&words, " (unverified)");
  return words;
}

}  // namespace schotvrij::policy
