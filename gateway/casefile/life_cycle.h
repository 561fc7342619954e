// The life of a registration: which step may follow, and what it makes of the facts.
//
//   REGISTER ──▶ open ──AMEND──▶ open      open ──END──▶ ended ──REOPEN──▶ open      open, ended ──WITHDRAW──▶ withdrawn
//
// A step is its sender's; the recipient is told, and may reject an amendment (what was sent before holds) or a reopening (it is ended
// again). A withdrawal or ending is not asked.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/casefile/casefile.h"

namespace schotvrij::casefile {

// Whether the message is a registration's later step.
bool IsLaterStep(const v1::Exchange& exchange);

// Whether a registration by the sender in the network stands, of its hat.
bool HasOpen(const v1::Exchange& exchange, const v1::Facts& facts);

// The day of the case that a later step of `subject` is part of; a reopening begins one on its own day.
std::string_view CaseDayOf(const v1::Exchange& step, const v1::RegistrationFact& subject);

// What is said of an end where nothing ends.
void CheckEnd(const v1::Registration& registration, std::vector<Issue>& issues);
void CheckStep(const v1::Exchange& exchange, const v1::Facts& facts, std::vector<Issue>& issues);
// What is wrong with the answer in `receipt` to the step that `answered` is.
void CheckStepAnswer(const v1::Receipt& receipt, const v1::StepFact& answered, std::vector<Issue>& issues);

// What the receipt's state makes of what it is about.
v1::StepState StateAfter(v1::ReceiptState receipt);
void ApplyStep(v1::Facts& facts, const v1::Exchange& exchange, const Outcome& outcome);
// What the receipt about `step` of `registration` makes of both.
void ApplyStepReceipt(const v1::Receipt& receipt, v1::StepFact& step, v1::RegistrationFact& registration);

}  // namespace schotvrij::casefile
