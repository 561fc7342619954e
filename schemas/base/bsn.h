// Bsn: a burgerservicenummer that passed its checks. It has no stream operator and no implicit conversion: a BSN reaches
// text only where somebody writes `digits()`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace schotvrij {

class Bsn {
 public:
  enum class Fault { kLength, kNotDigits, kAllZeros, kElevenTest };

  // Exactly nine digits, not all zeros, eleven-test with weights 9 8 7 6 5 4 3 2 -1 (Wabb; Logisch Ontwerp BSN).
  // On failure sets `*fault` when given.
  static std::optional<Bsn> Parse(std::string_view text, Fault* fault = nullptr);

  const std::string& digits() const { return digits_; }
  // 999900000 to 999999999: numbers that no person has.
  bool InTestRange() const { return digits_.starts_with("9999"); }

  friend bool operator==(const Bsn&, const Bsn&) = default;

 private:
  explicit Bsn(std::string_view digits) : digits_(digits) {}
  std::string digits_;
};

}  // namespace schotvrij
