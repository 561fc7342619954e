// Leak: an encoder of mail that knows more than the Disclosure it is given, for the test that shows
// that it would be found. The linker takes it for securemail::Encode (--wrap); without a leak it is
// that one.
#pragma once

#include <string>

namespace schotvrij::interference {

// While it lives letters are longer the longer the message was that came in: as of an encoder that
// remembers what it came from.
class Leak {
 public:
  Leak();
  ~Leak();
};

// What came in last; a play says so.
void RememberForLeak(const std::string& body);

}  // namespace schotvrij::interference
