// The SQLite file's schema, as the steps that led to it. A step that was released is never changed;
// the next one is added.
#pragma once

#include <span>
#include <string_view>

#include "gateway/store/sqlite_connection.h"

namespace schotvrij::store {

// Step i leads from version i to version i + 1; version 0 is an empty file.
std::span<const std::string_view> SchemaSteps();

// Brings the file to version steps.size(), all in one transaction. kFailedPrecondition when it is
// past that already, or holds tables that are not ours.
absl::Status Migrate(Connection& connection, std::span<const std::string_view> steps);

}  // namespace schotvrij::store
