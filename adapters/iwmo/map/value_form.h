// The value of one element and that of the field it goes to, both ways.
#pragma once

#include <string>
#include <string_view>

#include "adapters/iwmo/map/plan.h"
#include "google/protobuf/message.h"

namespace schotvrij::iwmo {

// Sets the field of `slot`, a leaf, in the message that has it. False: the standard allows the value and we have none for it.
[[nodiscard]] bool ReadValue(const Slot& slot, std::string_view text, google::protobuf::Message* message);
// Sets what an element says without a value.
void SetImplied(const Implied& implied, google::protobuf::Message* message);

// Whether the field says anything; of a list: has elements.
bool HasValue(const Target& target, const google::protobuf::Message& message);
// As the element has it; the field is no list. Empty: nothing to write.
std::string WriteValue(const Slot& slot, const google::protobuf::Message& message);
// Whether the field has the value that is implied.
bool HasImplied(const Implied& implied, const google::protobuf::Message& message);

}  // namespace schotvrij::iwmo
