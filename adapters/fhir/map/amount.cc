#include "adapters/fhir/map/amount.h"

#include <algorithm>
#include <charconv>

#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/systems.h"

namespace schotvrij::fhir {
namespace {

constexpr size_t kDigitsOfAmountMax = 12;
constexpr size_t kCentPlaces = 2;
constexpr std::string_view kEuro = "EUR";
constexpr std::string_view kEuroUnit = "83";

const CodeList& Units() {
  static const CodeList& units = CodeList::Named("unit");
  return units;
}
const CodeList& UnitCodes() {
  static const CodeList& codes = CodeList::Named("WJ756");
  return codes;
}
const CodeList& Frequencies() {
  static const CodeList& frequencies = CodeList::Named("frequency");
  return frequencies;
}

size_t PlacesOf(std::string_view unit) { return unit == kEuroUnit ? kCentPlaces : 0; }

std::optional<int64_t> ReadScaled(Node holder, size_t places, Findings* findings) {
  const Node value = holder.Child("value");
  const std::optional<int64_t> scaled = value.kind() == Kind::kNumber ? Scaled(value.value(), places) : std::nullopt;
  if (!scaled) value ? findings->Add("FHIR-AMOUNT", value) : findings->Add("FHIR-AMOUNT", holder, "value");
  return scaled;
}

// Code of the standard in the extension of its own; nowhere when there is none.
Node UnitCoding(Node quantity) {
  for (Node extension : quantity.Children("extension")) {
    if (extension.Child("url").value() == kUnitExtension) return extension.Child("valueCoding");
  }
  return Node();
}

// The unit of `quantity`, or nothing after reporting what is wrong with it.
std::string_view ReadUnit(Node quantity, Findings* findings) {
  const Node code = quantity.Child("code");
  const CodeList::Entry* of_ucum = Units().Find(quantity.Child("system").value(), code.value());
  const Node coding = UnitCoding(quantity);
  if (!coding) {
    if (of_ucum == nullptr) code ? findings->Add("FHIR-CODE", code) : findings->Add("FHIR-CODE", quantity, "code");
    return of_ucum == nullptr ? std::string_view() : std::string_view(of_ucum->word);
  }
  const CodeList::Entry* own = UnitCodes().Find(coding.Child("system").value(), coding.Child("code").value());
  if (own == nullptr) {
    findings->Add("FHIR-CODE", coding);
  } else if (code && (of_ucum == nullptr || of_ucum->word != own->word)) {
    findings->Add("FHIR-DIFFERENT", code);
  } else {
    return own->word;
  }
  return "";
}

}  // namespace

std::optional<int64_t> Scaled(std::string_view decimal, size_t places) {
  const bool is_negative = decimal.starts_with('-');
  if (is_negative) decimal.remove_prefix(1);
  const size_t point = std::min(decimal.find('.'), decimal.size());
  std::string digits(decimal.substr(0, point));
  std::string_view fraction = decimal.substr(std::min(point + 1, decimal.size()));
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  if (digits.empty() || fraction.size() > places) return std::nullopt;
  digits.append(fraction).append(places - fraction.size(), '0');
  if (digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.size() > kDigitsOfAmountMax) return std::nullopt;
  int64_t scaled = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), scaled);
  return is_negative ? -scaled : scaled;
}

std::string Decimal(int64_t scaled, size_t places) {
  std::string digits = std::to_string(scaled < 0 ? -scaled : scaled);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return scaled < 0 ? "-" + digits : digits;
}

std::optional<int64_t> ReadMoney(Node money, Findings* findings) {
  const Node currency = money.Child("currency");
  if (currency.value() != kEuro) {
    currency ? findings->Add("FHIR-CODE", currency) : findings->Add("FHIR-CODE", money, "currency");
    return std::nullopt;
  }
  return ReadScaled(money, kCentPlaces, findings);
}

void WriteMoney(int64_t cents, DraftElement* money) {
  money->Set("value", Decimal(cents, kCentPlaces));
  money->Set("currency", kEuro);
}

bool ReadQuantity(Node quantity, Findings* findings, v1::Volume* volume) {
  if (const Node comparator = quantity.Child("comparator")) {
    findings->Add("FHIR-VALUE", comparator);
    return false;
  }
  const std::string_view unit = ReadUnit(quantity, findings);
  if (unit.empty()) return false;
  const std::optional<int64_t> amount = ReadScaled(quantity, PlacesOf(unit), findings);
  if (amount && *amount < 0) findings->Add("FHIR-AMOUNT", quantity.Child("value"));
  if (!amount || *amount < 0) return false;
  volume->set_amount(*amount);
  volume->set_unit(std::string(unit));
  return true;
}

bool ReadRatio(Node ratio, Findings* findings, v1::Volume* volume) {
  const Node denominator = ratio.Child("denominator");
  const CodeList::Entry* frequency = Frequencies().Find(denominator.Child("system").value(), denominator.Child("code").value());
  if (frequency == nullptr || Scaled(denominator.Child("value").value(), 0) != 1 || denominator.Child("comparator")) {
    denominator ? findings->Add("FHIR-CODE", denominator) : findings->Add("FHIR-CODE", ratio, "denominator");
    return false;
  }
  const Node numerator = ratio.Child("numerator");
  if (!numerator) {
    findings->Add("FHIR-AMOUNT", ratio, "numerator");
    return false;
  }
  if (!ReadQuantity(numerator, findings, volume)) return false;
  volume->set_frequency(frequency->word);
  return true;
}

bool IsQuantity(const v1::Volume& volume) { return volume.has_amount() && Units().FindWord(volume.unit()) != nullptr; }

bool IsRatio(const v1::Volume& volume) { return IsQuantity(volume) && Frequencies().FindWord(volume.frequency()) != nullptr; }

void WriteQuantity(const v1::Volume& volume, DraftElement* quantity) {
  const CodeList::Entry& ucum = *Units().FindWord(volume.unit());
  const CodeList::Entry& own = *UnitCodes().FindWord(volume.unit());
  DraftElement& extension = quantity->Add("extension");
  extension.Set("url", kUnitExtension);
  extension.Child("valueCoding").Set("system", own.system);
  extension.Child("valueCoding").Set("code", own.code);
  quantity->Set("value", Decimal(volume.amount(), PlacesOf(volume.unit())));
  quantity->Set("system", ucum.system);
  quantity->Set("code", ucum.code);
}

void WriteRatio(const v1::Volume& volume, DraftElement* ratio) {
  WriteQuantity(volume, &ratio->Child("numerator"));
  const CodeList::Entry& frequency = *Frequencies().FindWord(volume.frequency());
  DraftElement& denominator = ratio->Child("denominator");
  denominator.Set("value", "1");
  denominator.Set("system", frequency.system);
  denominator.Set("code", frequency.code);
}

}  // namespace schotvrij::fhir
