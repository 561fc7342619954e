// Search: FHIR search parameters as a question to the mailbox. What is known stands in one table in
// the .cc; anything else is an Issue, never ignored: a filter that is left out shows more than was
// asked for.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/exchange/road.h"
#include "gateway/transport/http/form.h"
#include "schemas/base/issue.h"

namespace schotvrij::http {

// Fills `request` from the parameters of a search for `resource` ("Task", "Patient"). `in_url`:
// only what pages through a result may stand there.
std::vector<Issue> ReadSearch(std::string_view resource, const std::vector<Parameter>& parameters,
                              bool in_url, exchange::Road::MailboxRequest* request);

}  // namespace schotvrij::http
