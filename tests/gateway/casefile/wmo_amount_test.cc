#include "gateway/casefile/wmo_amount.h"

#include "gtest/gtest.h"

namespace schotvrij::casefile {
namespace {

v1::DeclarationLine Line(v1::LedgerSide side, int64_t cents, std::string_view reference = "1") {
  v1::DeclarationLine line;
  line.set_line_reference(std::string(reference));
  line.set_side(side);
  line.set_amount_cents(cents);
  return line;
}

v1::Declaration Lines(std::initializer_list<v1::DeclarationLine> lines) {
  v1::Declaration declaration;
  for (const v1::DeclarationLine& line : lines) *declaration.add_lines() = line;
  return declaration;
}

TEST(WmoAmount, IsVolumeTimesRate_TR346) {
  EXPECT_EQ(AmountCents(16, 1500), 24'000);
  EXPECT_EQ(AmountCents(0, 1500), 0);
  EXPECT_EQ(AmountCents(1, kWmoAmountMax), kWmoAmountMax);
  EXPECT_EQ(AmountCents(2, kWmoAmountMax), std::nullopt);
  EXPECT_EQ(AmountCents(-1, 1500), std::nullopt);
  EXPECT_EQ(AmountCents(1, -1500), std::nullopt);
  EXPECT_EQ(AmountCents(INT64_MAX, INT64_MAX), std::nullopt);
}

TEST(WmoAmount, AMinuteIsRoundedHalfACentUp_IV081) {
  EXPECT_EQ(MinuteRateCents(8730), 146);  // 1.455 euro
  EXPECT_EQ(MinuteRateCents(8724), 145);  // 1.454 euro
  EXPECT_EQ(MinuteRateCents(6000), 100);
  EXPECT_EQ(MinuteRateCents(29), 0);
  EXPECT_EQ(MinuteRateCents(30), 1);
  EXPECT_EQ(MinuteRateCents(-1), std::nullopt);
}

TEST(WmoAmount, OfMinutesIsReckonedFromTheHourAndRoundedOnce_IV081) {
  EXPECT_EQ(AmountOfMinutesCents(60, 8730), 8730);
  EXPECT_EQ(AmountOfMinutesCents(1, 8730), 146);
  EXPECT_EQ(AmountOfMinutesCents(100, 8730), 14'550);  // not 100 times 146
  EXPECT_EQ(AmountOfMinutesCents(3, 8724), 436);       // 4.362 euro
  EXPECT_EQ(AmountOfMinutesCents(0, 8730), 0);
  EXPECT_EQ(AmountOfMinutesCents(INT64_MAX, 8730), std::nullopt);
  for (int64_t hours = 0; hours < 200; ++hours) ASSERT_EQ(AmountOfMinutesCents(hours * 60, 7777), hours * 7777);
}

TEST(WmoAmount, ACreditIsItsDebitButForTheReferences) {
  v1::DeclarationLine debit = Line(v1::DEBIT, 24'000, "2025-1");
  debit.set_allocation_number(7);
  debit.set_rate_cents(1500);
  debit.mutable_volume()->set_amount(16);
  const std::optional<v1::DeclarationLine> credit = CreditOf(debit, "2025-2");
  ASSERT_TRUE(credit.has_value());
  EXPECT_EQ(credit->line_reference(), "2025-2");
  EXPECT_EQ(credit->previous_line_reference(), "2025-1");
  EXPECT_EQ(credit->side(), v1::CREDIT);
  EXPECT_EQ(SumCents(Lines({debit, *credit}).lines()), 0);
  v1::DeclarationLine back = *credit;
  back.set_line_reference("2025-1");
  back.clear_previous_line_reference();
  back.set_side(v1::DEBIT);
  EXPECT_EQ(back.SerializeAsString(), debit.SerializeAsString());
}

TEST(WmoAmount, NoCreditOfACreditOfNothingOrUnderTheSameReference) {
  EXPECT_EQ(CreditOf(Line(v1::CREDIT, 100), "2"), std::nullopt);
  EXPECT_EQ(CreditOf(Line(v1::DEBIT, 100), "1"), std::nullopt);
  EXPECT_EQ(CreditOf(Line(v1::DEBIT, 0), "2"), std::nullopt);
  EXPECT_EQ(CreditOf(Line(v1::DEBIT, 100, ""), "2"), std::nullopt);
}

TEST(WmoAmount, DebitsAreAddedAndCreditsTakenOff_TR358) {
  EXPECT_EQ(SumCents(Lines({}).lines()), 0);
  EXPECT_EQ(SumCents(Lines({Line(v1::DEBIT, 24'000), Line(v1::DEBIT, 34'000)}).lines()), 58'000);
  EXPECT_EQ(SumCents(Lines({Line(v1::DEBIT, 100), Line(v1::CREDIT, 300)}).lines()), -200);
  EXPECT_EQ(SumCents(Lines({Line(v1::LEDGER_SIDE_UNSPECIFIED, 100)}).lines()), std::nullopt);
  EXPECT_EQ(SumCents(Lines({Line(v1::DEBIT, -1)}).lines()), std::nullopt);
  EXPECT_EQ(SumCents(Lines({Line(v1::DEBIT, kWmoAmountMax + 1)}).lines()), std::nullopt);
  v1::Declaration without_amount;
  without_amount.add_lines()->set_side(v1::DEBIT);
  EXPECT_EQ(SumCents(without_amount.lines()), std::nullopt);
}

TEST(WmoAmount, ATotalHasTwelveDigits) {
  v1::Declaration declaration;
  for (int i = 0; i < 10'000; ++i) *declaration.add_lines() = Line(v1::DEBIT, kWmoAmountMax);
  EXPECT_EQ(SumCents(declaration.lines()), 10'000 * kWmoAmountMax);
  *declaration.add_lines() = Line(v1::DEBIT, 10'000);
  EXPECT_EQ(SumCents(declaration.lines()), std::nullopt);
}

TEST(WmoAmount, GrantedIsWhatWasNotRefused_TR342) {
  EXPECT_EQ(GrantedCents(58'000, 5'000 + 14'000 + 5'000), 34'000);
  EXPECT_EQ(GrantedCents(58'000, 0), 58'000);
  EXPECT_EQ(GrantedCents(58'000, 58'000), 0);
  EXPECT_EQ(GrantedCents(-200, 100), -300);
  EXPECT_EQ(GrantedCents(100, -300), 400);
  EXPECT_EQ(GrantedCents(kWmoTotalMax, -1), std::nullopt);
  EXPECT_EQ(GrantedCents(INT64_MIN, 1), std::nullopt);
}

TEST(WmoAmount, ZeroIsADebit_CS325) {
  EXPECT_EQ(SideOf(0), v1::DEBIT);
  EXPECT_EQ(SideOf(1), v1::DEBIT);
  EXPECT_EQ(SideOf(-1), v1::CREDIT);
}

}  // namespace
}  // namespace schotvrij::casefile
