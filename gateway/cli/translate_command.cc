#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "gateway/cli/checked_file.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/format_tools.h"
#include "gateway/cli/inquiry.h"
#include "gateway/cli/report.h"
#include "schemas/base/redact.h"

namespace schotvrij::cli {
namespace {

constexpr const char* kOfflineAssumed = "offline-assumed-consent";

class Translation {
 public:
  Translation(const FormatTool& to, const FormatToolOptions& options, std::ostream& out, std::ostream& err)
      : to_(to), options_(options), out_(out), err_(err) {}

  int Run() {
    CheckedFile file(options_, err_);
    if (int code = file.Open(options_.client); code != kGood) return code;
    if (file.parts() > 1 && !to_.stack) {
      err_ << "schotvrij: " << options_.files.front() << " holds " << file.parts() << " clients, of each of which " << to_.name
           << " makes a document of its own: choose one by --client.\n";
      return kWrongUse;
    }
    many_ = file.parts() > 1;
    if (int code = inquiry_.Prepare(options_, err_); code != kGood) return code;
    int worst = kGood;
    const int code = file.ForEach([&](v1::Exchange part, uint64_t number) {
      worst = std::max(worst, Translate(std::move(part), many_ ? absl::StrCat("client ", number, ": ") : ""));
    });
    if (written_bytes_ > 0 && options_.assume_consent) err_ << kAssumed << '\n';
    if (written_bytes_ > 0 && !options_.reveal) {
      err_ << "masked; --reveal writes the " << options_.to << " bytes (" << written_bytes_ << ")\n";
    }
    return std::max(worst, code);
  }

 private:
  int Translate(v1::Exchange part, const std::string& where) {
    if (int code = inquiry_.Take(std::move(part), err_); code != kGood) return code;
    const policy::Decision decision = inquiry_.engine().Decide(inquiry_.question());
    if (HasError(decision.issues)) {
      PrintIssues(err_, where, decision.issues);
      return kMessageAtFault;
    }
    if (int code = inquiry_.CheckPurpose(decision, err_); code != kGood) return code;
    const char* id = options_.assume_consent ? kOfflineAssumed : kOffline;
    auto result =
        inquiry_.engine().Disclose({inquiry_.question(), id, inquiry_.recipient(), id, inquiry_.today(), nullptr});
    if (const auto* withheld = std::get_if<policy::Withheld>(&result)) {
      PrintIssues(err_, where, withheld->issues);
      return kMessageAtFault;
    }
    return Write(std::get<policy::Disclosure>(result), where);
  }

  int Write(const policy::Disclosure& disclosure, const std::string& where) {
    const absl::StatusOr<policy::Encoded> encoded = to_.encode(disclosure);
    if (!encoded.ok()) {
      err_ << "schotvrij: " << where << encoded.status().message() << '\n';
      return kMessageAtFault;
    }
    written_bytes_ += encoded->bytes().size();
    if (options_.reveal) {
      out_ << encoded->bytes() << (many_ ? "\n" : "");
      return kGood;
    }
    // The bytes of a foreign format cannot be masked field by field: what would leave is shown as the canonical message.
    const absl::StatusOr<std::string> masked = ToJson(disclosure.exchange(), false);
    if (!masked.ok()) return kSystemFailed;
    out_ << *masked << '\n';
    return kGood;
  }

  const FormatTool& to_;
  const FormatToolOptions& options_;
  std::ostream& out_;
  std::ostream& err_;
  Inquiry inquiry_;
  bool many_ = false;
  size_t written_bytes_ = 0;  // of the format, whether shown or masked
};

}  // namespace

int RunTranslate(const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  const FormatTool* to = ToolFor(options.to, false, err);
  return to == nullptr ? kWrongUse : Translation(*to, options, out, err).Run();
}

}  // namespace schotvrij::cli
