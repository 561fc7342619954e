#include "gateway/transport/http/message.h"

namespace schotvrij::http {

int Status(Refusal refusal) {
  switch (refusal) {
    case Refusal::kMalformed:
      return 400;
    case Refusal::kSlow:
      return 408;
    case Refusal::kBodyTooLarge:
      return 413;
    case Refusal::kExpectation:
      return 417;
    case Refusal::kHeadTooLarge:
      return 431;
    case Refusal::kFailed:
      return 500;
    case Refusal::kBusy:
      return 503;
  }
  return 500;
}

}  // namespace schotvrij::http
