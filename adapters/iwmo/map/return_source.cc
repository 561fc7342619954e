#include "adapters/iwmo/map/return_source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/iwmo/iwmo.h"
#include "adapters/iwmo/rules/rules.h"
#include "schemas/base/status.h"

namespace schotvrij::iwmo {
namespace {

class WholeSink final : public TreeSink {
 public:
  void OnHead(const Tree&) override {}
  void OnPart(const Tree&) override {}
  void OnEnd(const Tree& tree) override { whole_ = tree; }
  void OnIssue(Issue) override { sound_ = false; }

  absl::StatusOr<Tree> Take() {
    if (!sound_ || !whole_.has_value()) return Unreadable();
    return *std::move(whole_);
  }

 private:
  std::optional<Tree> whole_;
  bool sound_ = true;
};

}  // namespace

std::string_view ReturnCodeOf(std::string_view rule) {
  const RuleInfo* found = FindRule(rule);
  return found == nullptr ? "" : found->return_code;
}

absl::StatusOr<bool> IsTechnical(const policy::Echo& echo) {
  bool technical = false;
  for (const Issue& issue : echo.issues()) {
    if (issue.severity != Severity::kError) continue;
    if (ReturnCodeOf(issue.rule).empty()) {
      return absl::InvalidArgumentError(absl::StrCat("no return code says what breaks ", issue.rule));
    }
    technical = true;
  }
  return technical;
}

absl::Status Unreadable() {
  return absl::InvalidArgumentError("the message breaks its schema (level 1): no return of it can be made; tell its sender outside the messages");
}

absl::StatusOr<Tree> ReadWhole(std::string_view wire) {
  WholeSink sink;
  Reader reader(kReadAgain);
  if (reader.Feed(wire, sink)) reader.Finish(sink);
  return sink.Take();
}

}  // namespace schotvrij::iwmo
