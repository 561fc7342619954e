#include "adapters/fhir/wire/utf8.h"

#include "adapters/fhir/wire/eight_bytes.h"

namespace schotvrij::fhir {

bool IsUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const char* next = text.data() + at;
    if (at + 32 <= text.size() && IsAscii(Eight(next) | Eight(next + 8) | Eight(next + 16) | Eight(next + 24))) {
      at += 32;
      continue;
    }
    if (at + 8 <= text.size() && IsAscii(Eight(next))) {
      at += 8;
      continue;
    }
    const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned lead = byte(at);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const size_t more = lead >= 0xC2 && lead <= 0xDF ? 1 : (lead & 0xF0) == 0xE0 ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
    if (more == 0) return false;
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(at + 1) < low || byte(at + 1) > high) return false;
    for (size_t i = 2; i <= more; ++i) {
      if ((byte(at + i) & 0xC0) != 0x80) return false;
    }
    at += more + 1;
  }
  return true;
}

}  // namespace schotvrij::fhir
