#include "adapters/iwmo/map/verdicts.h"

#include <algorithm>

#include "adapters/iwmo/map/outcome.h"
#include "adapters/iwmo/map/return_tree.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

absl::Status SetOnce(const std::string& said, std::string* known) {
  if (said.empty()) return absl::OkStatus();
  if (!known->empty() && said != *known) return absl::InvalidArgumentError("the answers are about several declarations");
  *known = said;
  return absl::OkStatus();
}

absl::Status TakeCodes(const google::protobuf::RepeatedPtrField<std::string>& said, std::vector<std::string>* codes) {
  for (const std::string& code : said) {
    RETURN_IF_ERROR(CheckCode(Grammar::Of("WMO325"), code));
    if (IsRefusal(code) && std::find(codes->begin(), codes->end(), code) == codes->end()) codes->push_back(code);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RefusedWithoutCode() {
  return absl::InvalidArgumentError("declaration_answer.outcome: refused, without a code that says why");
}

bool Verdicts::Client::IsRefused() const {
  return !codes.empty() || std::any_of(lines.begin(), lines.end(), [](const auto& line) { return !line.second.codes.empty(); });
}

absl::Status Verdicts::Add(const v1::Exchange& exchange) {
  if (!exchange.has_declaration_answer()) {
    return absl::InvalidArgumentError("only the answer to a declaration is part of a 325");
  }
  const v1::DeclarationAnswer& answer = exchange.declaration_answer();
  RETURN_IF_ERROR(SetOnce(answer.declaration_number(), &declaration_number_));
  RETURN_IF_ERROR(SetOnce(answer.request_key(), &request_key_));
  RETURN_IF_ERROR(TakeCodes(answer.message_codes(), &message_));
  RETURN_IF_ERROR(TakeCodes(answer.declaration_codes(), &declaration_));
  if (!exchange.client().bsn().empty()) return AddClient(exchange);
  refused_ |= answer.outcome() == v1::DECLARATION_REFUSED;
  if (answer.client_codes().empty() && answer.lines().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("client.bsn: an answer about a client names it");
}

absl::Status Verdicts::AddClient(const v1::Exchange& exchange) {
  const v1::DeclarationAnswer& answer = exchange.declaration_answer();
  Client& client = clients_[exchange.client().bsn()];
  RETURN_IF_ERROR(TakeCodes(answer.client_codes(), &client.codes));
  for (const v1::AnsweredLine& said : answer.lines()) {
    Line& line = client.lines[said.line_reference()];
    if (said.has_granted_cents()) line.granted_cents = said.granted_cents();
    RETURN_IF_ERROR(TakeCodes(said.line_codes(), &line.codes));
  }
  const bool refused = answer.outcome() == v1::DECLARATION_REFUSED;
  return refused && !client.IsRefused() ? RefusedWithoutCode() : absl::OkStatus();
}

absl::Status Verdicts::CheckAbout(std::string_view declaration_number, std::string_view request_key) const {
  const auto fits = [](const std::string& said, std::string_view is) { return said.empty() || said == is; };
  if (fits(declaration_number_, declaration_number) && fits(request_key_, request_key)) return absl::OkStatus();
  return absl::InvalidArgumentError("the answer is about another declaration");
}

Verdicts::Client* Verdicts::Find(std::string_view bsn) {
  const auto found = clients_.find(ToAbsl(bsn));
  return found == clients_.end() ? nullptr : &found->second;
}

bool Verdicts::RefuseAny() const {
  return std::any_of(clients_.begin(), clients_.end(), [](const auto& client) { return client.second.IsRefused(); });
}

bool Verdicts::AreFound() const {
  return std::all_of(clients_.begin(), clients_.end(), [](const auto& client) {
    const auto& lines = client.second.lines;
    return client.second.found && std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line.second.found; });
  });
}

}  // namespace schotvrij::iwmo
