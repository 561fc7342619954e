// One leaf's value in the form it is shared in: a date as its month, a number as the lower bound of
// its band, a text as a pseudonym or as the mere fact that it is there.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "policy/leaf_path.h"

namespace schotvrij::policy {

// Copies `field` of `from` into `to`, both of the message that has the field. False when there is
// no value, or none that can be shared in this form (a date that is no date, a pseudonym without
// `pseudonyms`): what cannot be made coarser is withheld. UNKNOWN says the same with a value and without.
bool CopyShared(const google::protobuf::FieldDescriptor& field, Grain grain,
                const google::protobuf::Message& from,
                const std::function<std::string(std::string_view)>& pseudonyms,
                google::protobuf::Message& to);

}  // namespace schotvrij::policy
