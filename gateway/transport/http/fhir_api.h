// FhirApi: the FHIR facade. HTTP requests become calls on the Road; what comes back is encoded by
// the FHIR adapter.
//
//   FhirApi api({&road, &random, &executor, "0.1.0", "2026-11-01"});
//   Partner partner{files, enrolment, [&](Request q, Reply r) { api.Handle(std::move(q),
//   std::move(r)); },
//                   [&](Refusal refusal, const identity::Caller& caller) { return api.Refuse(refusal, caller); }};
//
// What it takes stands in one table in the .cc. Nothing that identifies a person may stand in a
// URL: reads go by opaque ids, and searches by POST.
#pragma once

#include <string>
#include <string_view>

#include "gateway/exchange/road.h"
#include "gateway/transport/http/message.h"
#include "schemas/base/runtime.h"

namespace schotvrij::http {

class FhirApi {
 public:
  struct Parts {
    exchange::Road* road;
    Random* random;
    Executor* executor;  // requests are worked on here, never on a thread of the server
    std::string release;
    std::string published_on;  // civil date of the release
  };
  // What `parts` points to, and the FhirApi, must outlive every request.
  explicit FhirApi(Parts parts) : parts_(std::move(parts)) {}

  // Thread-safe, does not block. `reply` is called once, when the outcome is durable.
  void Handle(Request request, Reply reply) const;
  // The words for a request the server refused itself.
  Response Refuse(Refusal refusal, const identity::Caller& caller) const;

 private:
  Parts parts_;
};

}  // namespace schotvrij::http
