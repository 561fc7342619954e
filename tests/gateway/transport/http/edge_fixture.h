// A partner's listener on loopback with certificates of its own, and a handler that a test brings.
#pragma once

#include <array>
#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gateway/identity/enrolment.h"
#include "gateway/transport/http/server.h"
#include "gtest/gtest.h"
#include "tests/gateway/transport/http/raw_client.h"
#include "tests/support/test_pki.h"

namespace schotvrij::http {

class FixedClock final : public Clock {
 public:
  Instant Now() const override { return {1'770'000'000'000'000}; }
};

inline PartnerBody Words(std::string text) {
  return policy::EncodedAnswer::From(policy::Answer{}, std::move(text), "application/fhir+json");
}

inline std::shared_ptr<const identity::Enrolment> EnrolByUri(const std::string& key,
                                                             const std::string& uri) {
  config::v1::Enrolment document;
  config::v1::Participant* participant = document.add_participant();
  participant->set_key(key);
  participant->set_name(key);
  config::v1::Identifier* identifier = participant->add_identifier();
  identifier->set_system("kvk");
  identifier->set_value("00000001");
  participant->add_peer()->set_san_uri(uri);
  participant->mutable_route()->mutable_mailbox();
  absl::StatusOr<std::shared_ptr<const identity::Enrolment>> enrolment =
      identity::Enrolment::Create(document);
  EXPECT_TRUE(enrolment.ok()) << enrolment.status().message();
  return enrolment.ok() ? *enrolment : nullptr;
}

inline constexpr char kProviderUri[] = "urn:schotvrij:party:provider";

// What a program printed and how it ended.
struct Ran {
  int exit = 0;
  std::string out;
};
inline Ran Shell(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer;
  while (size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
    ran.out.append(buffer.data(), size);
  int status = ::pclose(pipe);
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

class EdgeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (pki_ != nullptr) return;
    pki_ = new test::Pki();
    std::atexit([] { delete std::exchange(pki_, nullptr); });
    pki_->Authority("ca");
    pki_->Authority("foreign");
    pki_->Leaf("ca", "server", "/O=Gateway/CN=server", "DNS:localhost,IP:127.0.0.1");
    pki_->Leaf("ca", "provider", "/O=Proefaanbieder/CN=provider",
               absl::StrCat("URI:", kProviderUri));
    pki_->Leaf("ca", "stranger", "/O=Vreemde/CN=stranger", "URI:urn:schotvrij:party:stranger");
    pki_->Leaf("ca", "serveronly", "/O=Proefaanbieder/CN=provider",
               absl::StrCat("URI:", kProviderUri), "serverAuth");
    pki_->Leaf("foreign", "forged", "/O=Proefaanbieder/CN=provider",
               absl::StrCat("URI:", kProviderUri));
  }

  void SetUp() override { Enrol(EnrolByUri("provider", kProviderUri)); }

  // Says back what was asked, in the order method, path, size of the body.
  static void Echo(Request request, Reply reply) {
    std::string text = absl::StrCat(request.method, " ", request.path, " ", request.body.size());
    reply(Response(200, Words(std::move(text))));
  }

  void Start(Handler handler = Echo, Bounds bounds = {}) {
    Partner partner;
    partner.tls = {pki_->Certificate("server"), pki_->Key("server"), pki_->Certificate("ca")};
    partner.enrolment = [this] {
      absl::MutexLock lock(&mutex_);
      return enrolment_;
    };
    partner.handler = std::move(handler);
    partner.refuser = [](Refusal refusal, const identity::Caller&) { return Response(Status(refusal), Words("refused")); };
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Listen({"127.0.0.1:0", 2, bounds, &clock_}, std::move(partner));
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = *std::move(server);
  }

  void Enrol(std::shared_ptr<const identity::Enrolment> enrolment) {
    absl::MutexLock lock(&mutex_);
    enrolment_ = std::move(enrolment);
  }

  std::unique_ptr<RawClient> Connect(const std::string& certificate = "provider",
                                     int version_max = TLS1_3_VERSION) {
    return std::make_unique<RawClient>(server_->port(), *pki_, certificate, version_max);
  }

  // The curl program, as a client that is not ours.
  Ran Curl(const std::string& arguments, const std::string& certificate = "provider") {
    std::string command = absl::StrCat("curl -sS --noproxy '*' --max-time 30 --cacert ",
                                       pki_->Certificate("ca"), " ");
    if (!certificate.empty()) {
      absl::StrAppend(&command, "--cert ", pki_->Certificate(certificate), " --key ",
                      pki_->Key(certificate), " ");
    }
    return Shell(absl::StrCat(command, arguments, " 2>&1"));
  }
  std::string Url(const std::string& path) const {
    return absl::StrCat("https://localhost:", server_->port(), path);
  }

  static inline test::Pki* pki_ = nullptr;
  FixedClock clock_;
  absl::Mutex mutex_;
  std::shared_ptr<const identity::Enrolment> enrolment_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Server> server_;
};

inline std::string Get(const std::string& path, const std::string& more = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: gateway\r\n" + more + "\r\n";
}

}  // namespace schotvrij::http
