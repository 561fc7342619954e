#include "gateway/casefile/wmo_amount.h"

#include <string>

namespace schotvrij::casefile {
namespace {

constexpr int64_t kMinutesPerHour = 60;

std::optional<int64_t> Product(int64_t a, int64_t b) {
  int64_t product = 0;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

std::optional<int64_t> PerHour(std::optional<int64_t> value) {
  if (!value) return std::nullopt;
  return *value / kMinutesPerHour + (*value % kMinutesPerHour >= kMinutesPerHour / 2 ? 1 : 0);
}

std::optional<int64_t> AsAmount(std::optional<int64_t> cents) {
  return cents && *cents <= kWmoAmountMax ? cents : std::nullopt;
}

std::optional<int64_t> AsTotal(int64_t cents) {
  return cents >= -kWmoTotalMax && cents <= kWmoTotalMax ? std::optional(cents) : std::nullopt;
}

bool CanBeSummed(const v1::DeclarationLine& line) {
  return (line.side() == v1::DEBIT || line.side() == v1::CREDIT) && line.has_amount_cents() && line.amount_cents() >= 0 &&
         line.amount_cents() <= kWmoAmountMax;
}

}  // namespace

std::optional<int64_t> AmountCents(int64_t volume, int64_t rate_cents) { return AsAmount(Product(volume, rate_cents)); }

std::optional<int64_t> AmountOfMinutesCents(int64_t minutes, int64_t hour_rate_cents) {
  return AsAmount(PerHour(Product(minutes, hour_rate_cents)));
}

std::optional<int64_t> MinuteRateCents(int64_t hour_rate_cents) { return AsAmount(PerHour(Product(1, hour_rate_cents))); }

std::optional<v1::DeclarationLine> CreditOf(const v1::DeclarationLine& debit, std::string_view line_reference) {
  if (debit.side() != v1::DEBIT || debit.amount_cents() == 0) return std::nullopt;
  if (debit.line_reference().empty() || debit.line_reference() == line_reference) return std::nullopt;
  v1::DeclarationLine credit = debit;
  credit.set_line_reference(std::string(line_reference));
  credit.set_previous_line_reference(debit.line_reference());
  credit.set_side(v1::CREDIT);
  return credit;
}

std::optional<int64_t> SumCents(const google::protobuf::RepeatedPtrField<v1::DeclarationLine>& lines) {
  int64_t sum = 0;  // of at most two billion lines of a million euros: no overflow
  for (const v1::DeclarationLine& line : lines) {
    if (!CanBeSummed(line)) return std::nullopt;
    sum += line.side() == v1::DEBIT ? line.amount_cents() : -line.amount_cents();
  }
  return AsTotal(sum);
}

std::optional<int64_t> GrantedCents(int64_t submitted_cents, int64_t refused_cents) {
  int64_t granted = 0;
  if (__builtin_sub_overflow(submitted_cents, refused_cents, &granted)) return std::nullopt;
  return AsTotal(granted);
}

v1::LedgerSide SideOf(int64_t cents) { return cents < 0 ? v1::CREDIT : v1::DEBIT; }

}  // namespace schotvrij::casefile
