// The formats of the command line and what this release can do with each. A later adapter joins by a row.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "policy/disclosure/encoded.h"
#include "schemas/base/decoder.h"

namespace schotvrij::cli {

// How a message is read, in a format that leaves a choice.
struct ReadOptions {
  int level = 2;          // of the checks within the message; of a format with levels
  bool any_size = false;  // without the standard's own limit on a file
};

// Stands for the key of a message that has none of its own, where a format needs one.
inline constexpr std::string_view kNoKey = "offline";

struct FormatTool {
  std::string_view name;
  std::unique_ptr<Decoder> (*decoder)(const ReadOptions& options) = nullptr;  // null: not read by this release
  absl::StatusOr<policy::Encoded> (*encode)(const policy::Disclosure& disclosure) = nullptr;  // null: not written by it
  bool stack = false;   // documents may stand behind one another in one file
  bool levels = false;  // ReadOptions::level means something
  // The return code that its standard has for a rule of issue.csv; empty: none, as for what cannot be read. Null: it has none at all.
  std::string_view (*return_code)(std::string_view rule) = nullptr;
};

std::span<const FormatTool> FormatTools();
// Null: no such format.
const FormatTool* FindFormat(std::string_view name);

}  // namespace schotvrij::cli
