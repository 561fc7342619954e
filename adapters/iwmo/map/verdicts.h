// Verdicts: what a payer says of a declaration, kept as far as it says anything but yes.
//
//   Verdicts verdicts;
//   RETURN_IF_ERROR(verdicts.Add(answer));   // each
//   Verdicts::Client* client = verdicts.Find("999900006");
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::iwmo {

// kInvalidArgument: an answer refuses without a code.
absl::Status RefusedWithoutCode();

// Of codes only those that refuse are kept.
class Verdicts {
 public:
  struct Line {
    std::vector<std::string> codes;
    std::optional<int64_t> granted_cents;
    bool found = false;  // in the declaration
  };
  struct Client {
    std::vector<std::string> codes;
    absl::flat_hash_map<std::string, Line> lines;  // by line_reference
    bool found = false;

    // In whole or in part.
    bool IsRefused() const;
  };

  // As AnswerEncoder::Add.
  absl::Status Add(const v1::Exchange& answer);
  // kInvalidArgument: the answers are about another declaration than that.
  absl::Status CheckAbout(std::string_view declaration_number, std::string_view request_key) const;

  // On the file and on the declaration.
  const std::vector<std::string>& message() const { return message_; }
  const std::vector<std::string>& declaration() const { return declaration_; }
  // The answer as a whole says so, by its outcome.
  bool refused() const { return refused_; }
  // Null: nothing was said of it.
  Client* Find(std::string_view bsn);
  bool RefuseAny() const;
  // Whether each client and line was found.
  bool AreFound() const;

 private:
  absl::Status AddClient(const v1::Exchange& answer);

  bool refused_ = false;
  std::string declaration_number_, request_key_;
  std::vector<std::string> message_, declaration_;
  absl::flat_hash_map<std::string, Client> clients_;  // by BSN
};

}  // namespace schotvrij::iwmo
