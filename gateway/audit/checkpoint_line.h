// The text of a checkpoint: one line of five fields, each separated by one tab.
//
//   schotvrij-checkpoint-1  AT  PREVIOUS  HEADS  SIGNATURE
//
//   AT         instant, UTC microseconds since 1970
//   PREVIOUS   SHA-256 of the whole line before it (without line end), hexadecimal; 64 zeros in the first
//   HEADS      CHAIN:SEQUENCE:HASH of every chain, by chain, separated by one space; "-" when there is none
//   SIGNATURE  Ed25519 over all bytes before the last tab, base64
//
// Anybody can check it: base64 -d the signature, then
//   openssl pkeyutl -verify -pubin -inkey KEY -rawin -in SIGNED -sigfile SIGNATURE
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "schemas/base/audit_chain.h"
#include "schemas/base/runtime.h"

namespace schotvrij::audit {

struct CheckpointLine {
  Instant at;
  std::string previous;  // hexadecimal
  std::vector<ChainHead> heads;
  std::string signed_text;
  std::string signature;
};

// Everything before the last tab. Chain ids hold no white space and no colon.
std::string CheckpointText(Instant at, std::span<const ChainHead> heads, std::string_view previous_line);

// What stands as PREVIOUS in the line after `line`; `line` is empty for the first.
std::string LineHash(std::string_view line);

// kInvalidArgument when it does not have the form above. The signature is not checked here.
absl::StatusOr<CheckpointLine> ParseCheckpoint(std::string_view line);

}  // namespace schotvrij::audit
