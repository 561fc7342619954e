// Rule: by which rule of schemas/codes/issue.csv a mail is refused; empty: it is not.
#pragma once

#include <string>

namespace schotvrij::opener {

using Rule = std::string;

}  // namespace schotvrij::opener
