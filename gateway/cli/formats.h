// The formats of the command line and what this release can do with each. A later adapter joins by a row.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "policy/disclosure/encoded.h"
#include "schemas/base/decoder.h"

namespace schotvrij::cli {

struct FormatTool {
  std::string_view name;
  std::unique_ptr<Decoder> (*decoder)();                                       // null: not read by this release
  absl::StatusOr<policy::Encoded> (*encode)(const policy::Disclosure& disclosure);  // null: not written by it
};

std::span<const FormatTool> FormatTools();
// Null: no such format.
const FormatTool* FindFormat(std::string_view name);

}  // namespace schotvrij::cli
