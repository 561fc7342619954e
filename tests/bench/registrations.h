// Registrations without end, every one different: the example of deploy/examples with another client, other keys and other dates of
// birth, as of a given day. Nobody's: names are letters counted up, and numbers are computed.
//
//   Registrations registrations(BsnRange::kTest, today);
//   std::string bundle = registrations.Bundle(0);            // FHIR JSON, about 6 kB
//   v1::RegisterRequest request = registrations.Request(1);  // the same for gRPC
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/base/civil_date.h"
#include "schotvrij/v1/services.pb.h"

namespace schotvrij::bench {

// Which numbers clients have. All pass the eleven-test.
enum class BsnRange {
  kTest,  // 9999xxxxx, set apart for testing: 9,000 clients
  // 900000000 to 999899999, for more clients than that; only a home of environment PRODUCTION takes them. They are made while a
  // bench runs and stand in no file of the repository.
  kWide,
};

class Registrations {
 public:
  Registrations(BsnRange range, CivilDate today);

  // How many clients there are; a number from there on would be somebody again.
  uint64_t size() const { return blocks_ * 9; }
  std::string Bsn(uint64_t number) const;
  std::string Bundle(uint64_t number) const;
  v1::RegisterRequest Request(uint64_t number) const;

 private:
  enum class Slot { kNone, kBsn, kOwnName, kPartnerName, kGivenName, kBirthDate, kTaskKey, kConsentKey };
  struct Piece {
    std::string text;
    Slot then;  // what follows the text
  };

  static std::string Fill(Slot slot, std::string_view bsn, uint64_t number);

  const uint64_t first_block_;
  const uint64_t blocks_;
  std::vector<Piece> pieces_;
  v1::RegisterRequest request_;
};

}  // namespace schotvrij::bench
