// What an answer of iWmo comes to, by its return codes and amounts (IV028, IV087).
#pragma once

#include <string_view>

#include "adapters/iwmo/wire/tree.h"
#include "schotvrij/v1/declaration_answer.pb.h"
#include "schotvrij/v1/receipt.pb.h"

namespace schotvrij::iwmo {

// Whether a return code says that what it stands on was refused.
bool IsRefusal(std::string_view code);

// Of a return: accepted where it names no code at all.
void SetOutcome(v1::Receipt* receipt);
// Of one client's part of a 325.
void SetClientOutcome(v1::DeclarationAnswer* answer);
// Of a 325 as a whole, whose frame `whole` is.
void SetOutcome(const Tree& whole, v1::DeclarationAnswer* answer);

}  // namespace schotvrij::iwmo
