// schotvrij-mail-opener: reads one OpenRequest from standard input, up to its end, and writes one OpenedMail to standard output. The
// gateway starts it, once for each mail. Exit status 0; anything else, and nothing written, when it could not.
#include <unistd.h>

#include <string>

#include "gateway/opener/open_mail.h"
#include "gateway/opener/sandbox.h"
#include "schemas/base/limits.h"

namespace {

constexpr size_t kRequestBytesMax = schotvrij::limits::kMailBytesMax + 2 * schotvrij::limits::kPemBytesMax + 1024;

bool ReadAll(std::string* bytes) {
  char piece[64 << 10];
  ssize_t got = 0;
  while ((got = read(STDIN_FILENO, piece, sizeof piece)) > 0) {
    bytes->append(piece, static_cast<size_t>(got));
    if (bytes->size() > kRequestBytesMax) return false;
  }
  return got == 0;
}

bool WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

}  // namespace

int main() {
  schotvrij::opener::Prepare();
  std::string bytes;
  schotvrij::mail::v1::OpenRequest request;
  const bool done = schotvrij::opener::EnterSandbox().ok() && ReadAll(&bytes) && request.ParseFromString(bytes) &&
                    WriteAll(schotvrij::opener::Open(request).SerializeAsString());
  _exit(done ? 0 : 1);  // nothing to clean up: memory goes with the process
}
