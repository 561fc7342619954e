// `schotvrij submit --batch`: sends a Bundle of many registrations over gRPC, all of which come into effect, or none.
//
//   schotvrij submit --home demo --as opella --batch registrations.json
#pragma once

#include <ostream>
#include <string>

#include "gateway/transport/grpc/client.h"

namespace schotvrij::cli {

struct SubmitBatchOptions {
  std::string file;  // "-" is standard input
  std::string key;   // of the batch; empty: made from the file's content, so that the same file again is the same batch
  bool json = false;
};

// Progress goes to `err`; what became of it, a line and one per issue, or with --json one object, to `out`. Interrupted, the same
// command goes on where the gateway has it. 1 the batch is at fault, 2 no such file or no key, 3 the gateway failed.
int RunSubmitBatch(const SubmitBatchOptions& options, rpc::GrpcClient& client, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
