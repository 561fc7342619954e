#include "adapters/securemail/map/expiry.h"

#include <array>
#include <string_view>
#include <utility>

#include "schemas/base/table.h"

namespace schotvrij::securemail {

std::string WriteExpiry(const ExpiringCertificate& certificate) {
  const std::array<std::pair<std::string_view, std::string_view>, 4> values = {{{"participant", certificate.participant},
                                                                                {"use", certificate.use},
                                                                                {"sha256", certificate.sha256},
                                                                                {"last_day", certificate.last_day}}};
  std::string text;
  for (const Table::Row& row : Table::Embedded("schemas/formats/mail/expiry.csv").rows()) {
    text.append(row["text"]);
    for (const auto& [name, value] : values) {
      if (row["value"] == name) text.append(": ").append(value);
    }
    text.append("\n");
  }
  return text;
}

}  // namespace schotvrij::securemail
