#include <string>
#include <utility>

#include "adapters/canonical/canonical.h"
#include "schemas/base/redact.h"
#include "schemas/base/status.h"
#include "schotvrij/v1/mailbox.pb.h"

namespace schotvrij::canonical {

absl::StatusOr<policy::Encoded> EncodeMailboxItem(const policy::Disclosure& disclosure, const ItemState& state) {
  v1::MailboxItem item;
  item.set_delivery_id(disclosure.evidence().disclosure_id);
  *item.mutable_exchange() = disclosure.exchange();
  item.set_repeat(state.repeat);
  item.set_client_key(state.client_key);
  if (state.takes_part.has_value()) item.set_takes_part(*state.takes_part);
  std::string bytes;
  if (!item.SerializeToString(&bytes))
    return absl::InternalError("a mailbox item does not serialise");
  return policy::Encoded::From(disclosure, std::move(bytes), std::string(kProtobufMediaType));
}

absl::StatusOr<policy::Encoded> EncodeJson(const policy::Disclosure& disclosure) {
  ASSIGN_OR_RETURN(std::string json, ToJson(disclosure.exchange(), /*reveal=*/true));
  return policy::Encoded::From(disclosure, std::move(json), std::string(kJsonMediaType));
}

}  // namespace schotvrij::canonical
