// The value behind a label of the form.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/securemail/map/form_label.h"

namespace schotvrij::securemail {

struct FormValue {
  std::string_view rule;          // that it breaks; empty: none
  std::vector<Setting> settings;  // what it says
};

// `value` is valid UTF-8 and not blank; white space at its ends does not count.
FormValue ReadFormValue(const FormLabel& label, std::string_view value);

}  // namespace schotvrij::securemail
