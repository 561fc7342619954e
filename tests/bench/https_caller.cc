#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/bench/caller.h"

namespace schotvrij::bench {
namespace {

// Plain sockets and OpenSSL: what the caller costs is taken from the gateway's cores.
class HttpsCaller final : public Caller {
 public:
  HttpsCaller(const cli::Home& home, const std::string& party) {
    context_ = SSL_CTX_new(TLS_client_method());
    const bool good =
        SSL_CTX_load_verify_locations(context_, home.CaCertificateFile().c_str(), nullptr) == 1 &&
        SSL_CTX_use_certificate_chain_file(context_, home.PartyCertificateFile(party).c_str()) == 1 &&
        SSL_CTX_use_PrivateKey_file(context_, home.PartyKeyFile(party).c_str(), SSL_FILETYPE_PEM) == 1;
    if (!good) throw std::runtime_error("no certificates in the home");
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    Connect(std::atoi(ReadFile(home.HttpsPortFile()).c_str()));
  }
  ~HttpsCaller() override {
    SSL_free(tls_);
    SSL_CTX_free(context_);
    if (socket_ >= 0) close(socket_);
  }

  void Prepare(const Registrations& registrations, uint64_t number) override {
    const std::string body = registrations.Bundle(number);
    request_ = absl::StrCat("POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: ",
                            body.size(), "\r\n\r\n", body);
  }

  std::string Call() override {
    if (SSL_write(tls_, request_.data(), static_cast<int>(request_.size())) != static_cast<int>(request_.size())) {
      return "connection lost";
    }
    std::string answer;
    size_t whole = std::string::npos;
    while (answer.size() < whole) {
      char buffer[16 << 10];
      const int got = SSL_read(tls_, buffer, sizeof buffer);
      if (got <= 0) return "connection lost";
      answer.append(buffer, static_cast<size_t>(got));
      if (whole == std::string::npos) whole = WholeSize(answer);
    }
    return absl::StartsWith(answer, "HTTP/1.1 200 ") ? "" : answer.substr(0, answer.find('\r'));
  }

 private:
  void Connect(int port) {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    tls_ = SSL_new(context_);
    const bool good = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                      SSL_set_tlsext_host_name(tls_, "localhost") == 1 && SSL_set1_host(tls_, "localhost") == 1 &&
                      SSL_set_fd(tls_, socket_) == 1 && SSL_connect(tls_) == 1;
    if (!good) throw std::runtime_error("no connection with mutual TLS");
  }

  // Bytes of the answer with its body; npos: its head is not whole yet.
  static size_t WholeSize(const std::string& answer) {
    const size_t head = answer.find("\r\n\r\n");
    if (head == std::string::npos) return head;
    const std::string lower = absl::AsciiStrToLower(answer.substr(0, head));
    const size_t at = lower.find("content-length:");
    size_t body = 0;
    if (at != std::string::npos) body = std::strtoul(lower.c_str() + at + 15, nullptr, 10);
    return head + 4 + body;
  }

  SSL_CTX* context_ = nullptr;
  SSL* tls_ = nullptr;
  int socket_ = -1;
  std::string request_;
};

}  // namespace

std::unique_ptr<Caller> NewHttpsCaller(const cli::Home& home, const std::string& party) {
  return std::make_unique<HttpsCaller>(home, party);
}

}  // namespace schotvrij::bench
