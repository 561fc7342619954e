// A sealed value in two columns of a row: its revision and its bytes.
#pragma once

#include "gateway/store/sqlite_connection.h"
#include "gateway/store/store.h"

namespace schotvrij::store {

inline Sealed ReadSealed(const Rows& rows, int column) {
  return {static_cast<uint32_t>(rows.Int(column)), rows.Bytes(column + 1)};
}

}  // namespace schotvrij::store
