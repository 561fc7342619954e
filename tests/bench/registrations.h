// Registrations without end, every one different: the example of deploy/examples with another client, other keys and other dates of
// birth, as of a given day. Nobody's: names are letters counted up, and numbers are computed. There are more registrations than
// clients: the next kClients of them are the same clients' in the next network.
//
//   Registrations registrations(today);
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

class Registrations {
 public:
  explicit Registrations(CivilDate today);

  // How many clients there are: as many as the numbers set apart for testing, 9999xxxxx, are enough for. Any other number that
  // passes the eleven-test may be somebody's.
  static constexpr uint64_t kClients = 9'000;
  static std::string Bsn(uint64_t number);
  // "ede", "ede-2", "ede-3" …
  static std::string Network(uint64_t number);
  std::string Bundle(uint64_t number) const;
  v1::RegisterRequest Request(uint64_t number) const;

 private:
  enum class Slot { kNone, kNetwork, kBsn, kOwnName, kPartnerName, kGivenName, kBirthDate, kTaskKey, kConsentKey };
  struct Piece {
    std::string text;
    Slot then;  // what follows the text
  };

  static std::string Fill(Slot slot, std::string_view bsn, uint64_t number);

  std::vector<Piece> pieces_;
  v1::RegisterRequest request_;
};

}  // namespace schotvrij::bench
