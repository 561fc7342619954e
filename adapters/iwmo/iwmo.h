// iWmo 3.2 (Dutch municipal support): bytes in, canonical parts out; Disclosures and the sender's own message in, bytes out. Pure.
//
//   std::unique_ptr<Decoder> decoder = iwmo::NewDecoder({});
//   absl::StatusOr<policy::Encoded> document = iwmo::Encode(disclosure, {});
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "policy/disclosure/answer.h"
#include "policy/disclosure/encoded.h"
#include "schemas/base/decoder.h"
#include "schotvrij/v1/receipt.pb.h"

namespace schotvrij::iwmo {

struct DecodeOptions {
  // 1: only the schema; 2: the rules within the message as well.
  int level = 2;
  // Without the limit that the standard sets to a file (OP179).
  bool any_size = false;
};
// Any of the fourteen. A 323 or 325 is a batch: header, an Exchange for each client, trailer; the last Exchange of a 325 is about nobody
// and has what the answer says of the declaration as a whole. Others are one Exchange. After the first error no Exchange and no trailer
// comes any more: a batch without its trailer is none, whatever came before. Decoder::Shape is the message: "WMO323".
std::unique_ptr<Decoder> NewDecoder(DecodeOptions options);

inline constexpr std::string_view kMediaType = "application/xml";

// What stands in the header of a message that the gateway writes: frozen before the first attempt (Unit), so that each says the same.
struct HeaderIds {
  std::string identification;   // Identificatie, at most 12 characters; empty: the request key of the exchange
  std::string dated;            // Dagtekening, YYYY-MM-DD; empty: the day on which the exchange was sent
};

// A message about one client, or a 323 of one client. kInvalidArgument names each leaf that the standard cannot carry, and the element:
// nothing is cut short. Of the client the message has what it has elements for; of the content everything must have one. The document is
// checked as one that is read would be. Returns and a 325 repeat what they answer, so that they are not written by this.
absl::StatusOr<policy::Encoded> Encode(const policy::Disclosure& disclosure, const HeaderIds& ids);

// A 323 of many clients, written as it is made: each call gives the bytes that follow those of the one before.
class FileEncoder {
 public:
  virtual ~FileEncoder() = default;
  virtual absl::StatusOr<policy::Encoded> Next(const policy::Disclosure& client) = 0;
  // kInvalidArgument also where the lines do not come to the total.
  virtual absl::StatusOr<policy::Encoded> Finish() = 0;
};
// The total stands before the clients in the document, so that it is given here: in cents, negative for a credit.
std::unique_ptr<FileEncoder> NewFileEncoder(const HeaderIds& ids, int64_t submitted_cents);

// The return code of the standard (WJ001) for what breaks that rule of issue.csv; empty: none, as of what cannot be read at all (level 1).
std::string_view ReturnCodeOf(std::string_view rule);

// 302, 306, 308, 316, 318, 320: the return of the message in `echo`, by the decision tables of returns.csv. Its issues are those that
// the gateway found (level 2); `findings` those of the recipient, by class (Receipt). Neither: accepted. What the sender wrote is repeated
// unchanged, whatever of it the recipient got (IV028). `ids` leave nothing empty. kInvalidArgument: there can be no return of that message
// (level 1, or it has none); an issue is of no rule of the standard; a finding names a class that the message does not have, or a code
// that the standard does not have; an id does not fit.
absl::StatusOr<policy::EncodedAnswer> EncodeReturn(const policy::Echo& echo, std::span<const v1::ReceiptFinding> findings,
                                                   const HeaderIds& ids);

// The 325 that answers the 323 in an Echo, client by client. Holds what was refused, never the whole. First every Add, then every Next:
//
//   std::unique_ptr<AnswerEncoder> answer = iwmo::NewAnswerEncoder(echo, ids);
//   for (const policy::Disclosure& client : clients) RETURN_IF_ERROR(answer->Add(client));
//   do { next = answer->Next(); Send(*next); } while (next.ok() && !next->bytes().empty());
class AnswerEncoder {
 public:
  virtual ~AnswerEncoder() = default;
  // What the payer says of one client; of the declaration or the file as a whole where it names no client. Whom nobody names was granted
  // all. kInvalidArgument: it is about another declaration than those before, has a code that the standard does not have, or refuses
  // without one.
  virtual absl::Status Add(const policy::Disclosure& answer) = 0;
  // The bytes that follow those of the one before; without bytes at the end. kInvalidArgument, before the first byte: as EncodeReturn; the
  // answers are about another declaration or a client or line that was not declared (TR366), or grant a line in part, which iWmo cannot say.
  virtual absl::StatusOr<policy::EncodedAnswer> Next() = 0;
};
// `echo` lives until the last Next. `ids` as those of a return.
std::unique_ptr<AnswerEncoder> NewAnswerEncoder(const policy::Echo& echo, const HeaderIds& ids);

}  // namespace schotvrij::iwmo
