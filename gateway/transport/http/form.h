// Form: the parameters of an application/x-www-form-urlencoded body or of a query.
//
//   std::optional<std::vector<Parameter>> parameters =
//   ParseForm("identifier=urn%3Ax%7C1&_count=10");
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::http {

struct Parameter {
  std::string name;
  std::string value;
};

// nullopt: an escape is broken, a name or value holds a control character or more than
// kTextBytesMax bytes, or there are more than kSearchParametersMax. An empty text has no
// parameters.
std::optional<std::vector<Parameter>> ParseForm(std::string_view text);

// Undoes %XX; with `plus`, '+' is a blank. nullopt when an escape is broken.
std::optional<std::string> PercentDecode(std::string_view text, bool plus);

}  // namespace schotvrij::http
