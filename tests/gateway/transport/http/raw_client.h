// RawClient: a TLS client that sends exactly the bytes it is given, for requests no well-behaved
// client makes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/test_pki.h"

namespace schotvrij::http {

inline int ConnectLoopback(uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  // Only so that a broken server fails the test instead of hanging it.
  timeval limit{30, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

class RawClient {
 public:
  // `certificate` empty: none is shown.
  RawClient(uint16_t port, const test::Pki& pki, const std::string& certificate,
            int version_max = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), connection_(nullptr, SSL_free) {
    SSL_CTX_load_verify_file(context_.get(), pki.Certificate("ca").c_str());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (!certificate.empty()) {
      SSL_CTX_use_certificate_chain_file(context_.get(), pki.Certificate(certificate).c_str());
      SSL_CTX_use_PrivateKey_file(context_.get(), pki.Key(certificate).c_str(), SSL_FILETYPE_PEM);
    }
    connection_.reset(SSL_new(context_.get()));
    fd_ = ConnectLoopback(port);
    SSL_set_fd(connection_.get(), fd_);
    ERR_clear_error();
    connected_ = fd_ >= 0 && SSL_connect(connection_.get()) == 1;
    if (!connected_) alert_ = LastError();
  }
  ~RawClient() {
    connection_.reset();
    if (fd_ >= 0) ::close(fd_);
  }
  RawClient(const RawClient&) = delete;

  bool connected() const { return connected_; }
  // What the handshake, or the first read after it, failed with.
  const std::string& alert() const { return alert_; }

  bool Send(std::string_view bytes) {
    return SSL_write(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  // Everything up to the end of the connection.
  std::string ReadAll() {
    std::string all;
    while (ReadSome(&all)) {
    }
    return all;
  }

  // One answer with a Content-Length, or an interim one; what came behind it is kept.
  std::string ReadAnswer() {
    for (;;) {
      size_t end = pending_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::smatch match;
        std::string head = pending_.substr(0, end + 4);
        size_t body = std::regex_search(head, match, std::regex("Content-Length: (\\d+)"))
                          ? std::stoul(match[1])
                          : 0;
        if (pending_.size() >= head.size() + body) {
          std::string answer = pending_.substr(0, head.size() + body);
          pending_.erase(0, answer.size());
          return answer;
        }
      }
      if (!ReadSome(&pending_)) return std::exchange(pending_, "");
    }
  }

 private:
  bool ReadSome(std::string* out) {
    char buffer[4096];
    ERR_clear_error();
    int size = SSL_read(connection_.get(), buffer, sizeof(buffer));
    if (size <= 0) {
      alert_ = LastError();
      return false;
    }
    out->append(buffer, static_cast<size_t>(size));
    return true;
  }

  static std::string LastError() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason == nullptr ? "" : reason;
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> connection_;
  int fd_ = -1;
  bool connected_ = false;
  std::string alert_;
  std::string pending_;
};

// Statuses of all answers in `bytes`, in order: "200 400".
inline std::string Statuses(const std::string& bytes) {
  static const std::regex line("HTTP/1\\.[01] (\\d{3})");
  std::string all;
  for (std::sregex_iterator it(bytes.begin(), bytes.end(), line), end; it != end; ++it) {
    all += (all.empty() ? "" : " ") + (*it)[1].str();
  }
  return all;
}

}  // namespace schotvrij::http
