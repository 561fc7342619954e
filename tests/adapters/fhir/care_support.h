// Canonical messages about care as a generator draws them: every field that goes as FHIR, filled or not.
#pragma once

#include <initializer_list>
#include <random>
#include <string>

#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::fhir::test {

using Draw = std::mt19937;

inline bool Coin(Draw& draw) { return draw() % 2 == 0; }
inline std::string OneOf(Draw& draw, std::initializer_list<const char*> words) { return *(words.begin() + draw() % words.size()); }
inline std::string Digits(Draw& draw, size_t size) {
  std::string digits;
  while (digits.size() < size) digits += static_cast<char>('0' + draw() % 10);
  return digits;
}
inline std::string Text(Draw& draw, size_t most) {
  static constexpr std::initializer_list<const char*> kLetters = {"a", "B", "7", "-", "é", "<", "&", "\"", "m", "/"};
  std::string text;
  for (size_t i = 0, size = 1 + draw() % most; i < size; ++i) text += i + 1 < size || size == 1 ? OneOf(draw, kLetters) : "z";
  return text;
}
inline std::string Day(Draw& draw) {
  const auto two = [](unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return std::to_string(2021 + draw() % 6) + "-" + two(1 + draw() % 12) + "-" + two(1 + draw() % 28);
}

inline void FillProduct(Draw& draw, v1::Product* product) {
  product->set_category(OneOf(draw, {"01", "02", "07", "15", "18"}));
  if (Coin(draw)) product->set_code(Text(draw, 5));
}

inline void FillClient(Draw& draw, v1::Client* client) {
  client->set_bsn(OneOf(draw, {"999900006", "999900018"}));
  if (draw() % 4 == 0) return;
  client->mutable_name()->set_own_name(Text(draw, 40));
  if (Coin(draw)) client->mutable_name()->set_own_prefix("van der");
  if (Coin(draw)) client->mutable_name()->set_given_names("Anna Proef");
  if (Coin(draw)) client->mutable_name()->set_initials(OneOf(draw, {"A", "AP", "ABCDEF"}));
  client->set_gender(static_cast<v1::AdministrativeGender>(1 + draw() % 4));
  switch (draw() % 4) {
    case 0:
      client->set_birth_date(Day(draw));
      break;
    case 1:
      client->set_birth_date("1941-03");
      client->set_birth_date_use(v1::DAY_UNKNOWN);
      break;
    case 2:
      client->set_birth_date("1941");
      client->set_birth_date_use(v1::DAY_AND_MONTH_UNKNOWN);
      break;
    default:
      client->set_birth_date_use(v1::ALL_UNKNOWN);
  }
}

inline void FillParties(bool from_provider, v1::Envelope* envelope) {
  v1::PartyIdentifier& provider = from_provider ? *envelope->mutable_sender_identifier() : *envelope->mutable_recipient_identifier();
  v1::PartyIdentifier& municipality = from_provider ? *envelope->mutable_recipient_identifier() : *envelope->mutable_sender_identifier();
  provider.set_system("agb");
  provider.set_value("01234567");
  municipality.set_system("cbs");
  municipality.set_value("0228");
}

inline v1::Exchange DrawDeliveryEvent(Draw& draw) {
  v1::Exchange exchange;
  FillParties(/*from_provider=*/true, exchange.mutable_envelope());
  FillClient(draw, exchange.mutable_client());
  const bool stops = Coin(draw);
  exchange.mutable_delivery_event()->set_kind(stops ? v1::DELIVERY_STOPPED : v1::DELIVERY_STARTED);
  for (unsigned i = 0, count = 1 + draw() % 3; i < count; ++i) {
    v1::DeliveredProduct& product = *exchange.mutable_delivery_event()->add_products();
    if (Coin(draw)) product.set_allocation_number(draw() % 1'000'000'000);
    if (Coin(draw)) FillProduct(draw, product.mutable_product());
    if (Coin(draw)) product.set_allocation_from(Day(draw));
    product.set_from(Day(draw));
    product.set_delivery_status(OneOf(draw, {"1", "3"}));
    if (!stops) continue;
    product.set_until(Day(draw));
    product.set_end_reason(OneOf(draw, {"02", "19", "20", "37", "39"}));
  }
  return exchange;
}

inline void FillVolume(Draw& draw, v1::Volume* volume) {
  volume->set_amount(draw() % 100'000'000);
  volume->set_unit(OneOf(draw, {"01", "04", "14", "16", "82", "83", "84"}));
  volume->set_frequency(OneOf(draw, {"1", "2", "4", "6"}));
}

// Any time of the day, also those that the clock shows twice or passes over on a Sunday in March or October.
inline std::string TimeOfDay(Draw& draw) {
  return OneOf(draw, {"00:00:00", "02:30:00", "02:59:59.25", "03:00:00", "12:34:56", "23:59:59"});
}

inline v1::Exchange DrawAllocation(Draw& draw) {
  v1::Exchange exchange;
  FillParties(/*from_provider=*/false, exchange.mutable_envelope());
  FillClient(draw, exchange.mutable_client());
  for (unsigned i = 0, count = 1 + draw() % 3; i < count; ++i) {
    v1::AllocatedProduct& product = *exchange.mutable_allocation()->add_products();
    product.set_allocation_number(draw() % 1'000'000'000);
    if (Coin(draw)) product.set_provider_reference(Text(draw, 36));
    if (Coin(draw)) FillProduct(draw, product.mutable_product());
    product.set_allocated_on(Coin(draw) ? Day(draw) : OneOf(draw, {"2026-03-29", "2026-10-25"}));
    if (Coin(draw)) product.set_allocated_at(TimeOfDay(draw));
    product.set_from(Day(draw));
    if (Coin(draw)) product.set_until(Day(draw));
    if (Coin(draw)) product.set_change_reason(OneOf(draw, {"02", "04", "13"}));
    if (Coin(draw)) FillVolume(draw, product.mutable_volume());
    if (Coin(draw)) product.set_budget_cents(draw() % 100'000'000);
  }
  return exchange;
}

inline v1::Exchange DrawSupportRequest(Draw& draw) {
  v1::Exchange exchange;
  FillParties(/*from_provider=*/true, exchange.mutable_envelope());
  FillClient(draw, exchange.mutable_client());
  v1::SupportRequest& request = *exchange.mutable_support_request();
  const bool changes = Coin(draw);
  request.set_kind(changes ? v1::REQUEST_CHANGE : v1::REQUEST_ALLOCATION);
  if (changes) request.set_provider_reference(Text(draw, 36));
  if (changes) request.set_change_reason(OneOf(draw, {"1", "2"}));
  for (unsigned i = 0, count = 1 + draw() % 4; i < count; ++i) {
    v1::RequestedProduct& product = *request.add_products();
    product.set_action(changes ? static_cast<v1::RequestedAction>(1 + draw() % 3) : v1::ADD_PRODUCT);
    if (product.action() != v1::ADD_PRODUCT) product.set_allocation_number(draw() % 1'000'000'000);
    if (product.action() == v1::KEEP_PRODUCT) continue;
    product.set_from(Day(draw));
    if (Coin(draw)) product.set_until(Day(draw));
    if (Coin(draw)) FillVolume(draw, product.mutable_volume());
    if (Coin(draw)) product.set_budget_cents(draw() % 100'000'000);
    if (product.action() == v1::ADD_PRODUCT && Coin(draw)) FillProduct(draw, product.mutable_product());
    if (changes) continue;
    product.set_provider_reference(Text(draw, 36));
    if (Coin(draw)) product.set_decision_number(draw() % 1'000'000'000);
    if (Coin(draw)) product.set_decision_from(Day(draw));
    product.mutable_referrer()->set_kind(OneOf(draw, {"01", "02", "06", "08"}));
    if (Coin(draw)) product.mutable_referrer()->set_name(Text(draw, 64));
    if (Coin(draw)) product.mutable_referrer()->set_agb(Digits(draw, 8));
    if (Coin(draw)) product.set_framework_contract(OneOf(draw, {"1", "2"}));
  }
  return exchange;
}

inline v1::Exchange DrawRequestAnswer(Draw& draw) {
  v1::Exchange exchange;
  FillParties(/*from_provider=*/false, exchange.mutable_envelope());
  v1::RequestAnswer& answer = *exchange.mutable_request_answer();
  answer.set_provider_reference(Text(draw, 36));
  answer.set_verdict(Coin(draw) ? v1::REQUEST_REFUSED : v1::REQUEST_IN_RESEARCH);
  if (answer.verdict() == v1::REQUEST_REFUSED) answer.set_refusal_reason(OneOf(draw, {"1", "7", "9"}));
  return exchange;
}

inline v1::Exchange DrawDeclaration(Draw& draw) {
  v1::Exchange exchange;
  FillParties(/*from_provider=*/true, exchange.mutable_envelope());
  exchange.mutable_client()->set_bsn("999900006");
  v1::Declaration& declaration = *exchange.mutable_declaration();
  declaration.set_declaration_number(Text(draw, 12));
  declaration.set_from("2026-03-01");
  declaration.set_until("2026-03-31");
  declaration.set_declared_on(Day(draw));
  declaration.set_scheme("484");
  for (unsigned i = 0, count = 1 + draw() % 5; i < count; ++i) {
    v1::DeclarationLine& line = *declaration.add_lines();
    line.set_line_reference(Text(draw, 20));
    const bool credits = Coin(draw);
    if (credits) line.set_previous_line_reference(Text(draw, 20));
    line.set_allocation_number(draw() % 1'000'000'000);
    line.mutable_product()->set_category(OneOf(draw, {"01", "07", "18"}));
    line.mutable_product()->set_code(Text(draw, 5));
    line.set_from(Day(draw));
    line.set_until(Day(draw));
    line.mutable_volume()->set_amount(draw() % 100'000'000);
    line.mutable_volume()->set_unit(OneOf(draw, {"01", "04", "14", "16", "82", "83", "84"}));
    if (Coin(draw)) line.set_rate_cents(draw() % 100'000'000);
    line.set_amount_cents(1 + draw() % 99'999'999);
    line.set_side(credits ? v1::CREDIT : v1::DEBIT);
  }
  return exchange;
}

inline v1::Exchange DrawDeclarationAnswer(Draw& draw) {
  v1::Exchange exchange;
  FillParties(/*from_provider=*/false, exchange.mutable_envelope());
  exchange.mutable_client()->set_bsn("999900018");
  v1::DeclarationAnswer& answer = *exchange.mutable_declaration_answer();
  answer.set_declaration_number(Text(draw, 12));
  if (Coin(draw)) answer.set_request_key(Text(draw, 12));
  if (Coin(draw)) answer.set_payer_reference(Text(draw, 24));
  for (unsigned i = 0, count = draw() % 3; i < count; ++i) answer.add_message_codes(OneOf(draw, {"0001", "0200"}));
  for (unsigned i = 0, count = draw() % 3; i < count; ++i) answer.add_declaration_codes(OneOf(draw, {"8001", "9333", "X1"}));
  for (unsigned i = 0, count = draw() % 3; i < count; ++i) answer.add_client_codes(OneOf(draw, {"8187", "0200"}));
  answer.set_outcome(static_cast<v1::DeclarationOutcome>(1 + draw() % 3));
  for (unsigned i = 0, count = draw() % 4; i < count; ++i) {
    v1::AnsweredLine& line = *answer.add_lines();
    line.set_line_reference(Text(draw, 20));
    for (unsigned code = 0, codes = draw() % 3; code < codes; ++code) line.add_line_codes(OneOf(draw, {"0611", "9346", "9338"}));
    if (Coin(draw)) line.set_reckoned_cents(draw() % 100'000'000);
    if (draw() % 3 == 0) continue;
    line.set_granted_cents(1 + draw() % 99'999'999);
    line.set_side(Coin(draw) ? v1::CREDIT : v1::DEBIT);
  }
  return exchange;
}

}  // namespace schotvrij::fhir::test
