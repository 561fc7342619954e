// EdgeTest: our listener before a FakeRoad, two enrolled parties, a vendor for both, a stranger, and a client that is not ours.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "gateway/transport/grpc/client.h"
#include "gateway/transport/grpc/process.h"
#include "gateway/transport/grpc/server.h"
#include "gateway/transport/runtime/executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/transport/grpc/fake_road.h"
#include "tests/support/test_pki.h"

namespace schotvrij::test {

inline std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What a program prints on stdout and stderr together, and how it ended.
struct Ran {
  int exit_code = -1;
  std::string output;
};
inline Ran RunProgram(const std::string& command) {
  Ran ran;
  std::FILE* pipe = popen(("{ " + command + "; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  char buffer[4096];
  while (size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) ran.output.append(buffer, n);
  const int status = pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

class CountingRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) override {
    std::lock_guard lock(mutex_);
    for (uint8_t& byte : out) byte = next_++;
  }

 private:
  std::mutex mutex_;
  uint8_t next_ = 1;
};

class EdgeTest : public ::testing::Test {
 protected:
  // Certificates and the foreign client's messages: made once for the whole program.
  struct Shared {
    Pki pki;
    TempDir protos;
  };

  static void SetUpTestSuite() {
    if (shared_ != nullptr) return;
    rpc::PrepareProcess();
    static Shared shared;
    shared_ = &shared;
    Pki& pki = shared.pki;
    pki.Authority("ca");
    pki.Authority("other");
    pki.Leaf("ca", "gateway", "/O=Proef/CN=gateway", "IP:127.0.0.1,DNS:localhost");
    for (const char* party : {"proefaanbieder", "proefgemeente", "leverancier", "vreemde"}) {
      pki.Leaf("ca", party, std::string("/O=Proef/CN=") + party, std::string("URI:urn:proef:") + party);
    }
    pki.Leaf("other", "nagemaakt", "/O=Proef/CN=proefgemeente", "URI:urn:proef:proefgemeente");
    const std::string source = SOURCE_DIR;
    const Ran ran = RunProgram("cd " + source + "/schemas && protoc -I . --python_out=" + shared.protos.path() +
                        " schotvrij/v1/*.proto && protoc -I " + source +
                        "/tests/gateway/transport/grpc/googleapis/google/rpc --python_out=" + shared.protos.path() +
                        " error.proto");
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
  }

  void SetUp() override {
    Enrol({"proefaanbieder", "proefgemeente", "leverancier"});
    Start(Options());
  }

  // A new enrolment is in force: these and no others.
  void Enrol(const std::vector<std::string>& parties) {
    config::v1::Enrolment document;
    for (const std::string& party : parties) {
      config::v1::Participant& participant = *document.add_participant();
      participant.set_key(party);
      participant.add_peer()->set_subject("CN=" + party + ",O=Proef");
      if (party == "leverancier") {
        for (const std::string& other : parties) {
          if (other != party) participant.add_acts_for(other);
        }
        continue;
      }
      config::v1::Identifier& identifier = *participant.add_identifier();
      identifier.set_system(party == "proefgemeente" ? "cbs" : "agb");
      identifier.set_value(party == "proefgemeente" ? "0228" : "99999998");
      participant.mutable_route()->mutable_mailbox();
    }
    auto enrolment = identity::Enrolment::Create(std::move(document));
    ASSERT_TRUE(enrolment.ok()) << enrolment.status();
    std::lock_guard lock(enrolment_mutex_);
    enrolment_ = *enrolment;
  }

  rpc::GrpcServerOptions Options(const std::string& server = "gateway") {
    rpc::GrpcServerOptions options;
    options.address = "127.0.0.1:0";
    options.certificate_pem = Contents(shared_->pki.Certificate(server));
    options.key_pem = Contents(shared_->pki.Key(server));
    options.client_ca_pem = Contents(shared_->pki.Certificate("ca"));
    options.enrolment = [this] {
      std::lock_guard lock(enrolment_mutex_);
      return enrolment_;
    };
    options.road = &road_;
    options.executor = &executor_;
    options.random = &random_;
    return options;
  }

  void StartWithin(const rpc::Bounds& bounds) {
    rpc::GrpcServerOptions options = Options();
    options.bounds = bounds;
    Start(std::move(options));
  }
  void Start(rpc::GrpcServerOptions options) {
    auto server = rpc::GrpcServer::Listen(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string Target() const { return "127.0.0.1:" + std::to_string(server_->port()); }

  // What the foreign client sees when `party` plays `scenario`; empty: without a certificate.
  std::string Foreign(const std::string& party, const std::string& scenario) {
    return RunProgram(ForeignCommand(party, scenario)).output;
  }
  std::string ForeignCommand(const std::string& party, const std::string& scenario) {
    std::string command = "/usr/bin/python3 " + std::string(SOURCE_DIR) +
                          "/tests/gateway/transport/grpc/foreign_client.py --protos " + shared_->protos.path() +
                          " --target " + Target() + " --ca " + shared_->pki.Certificate("ca");
    if (!party.empty()) {
      command += " --cert " + shared_->pki.Certificate(party) + " --key " + shared_->pki.Key(party);
    }
    return command + " " + scenario;
  }

  rpc::GrpcClientOptions ClientOptions(const std::string& party) {
    return {.target = Target(),
            .ca_pem = Contents(shared_->pki.Certificate("ca")),
            .certificate_pem = Contents(shared_->pki.Certificate(party)),
            .key_pem = Contents(shared_->pki.Key(party)),
            .server_name = ""};
  }

  static inline Shared* shared_ = nullptr;
  std::mutex enrolment_mutex_;
  std::shared_ptr<const identity::Enrolment> enrolment_;
  CountingRandom random_;
  FakeRoad road_;
  runtime::ThreadExecutor executor_{2};
  std::unique_ptr<rpc::GrpcServer> server_;  // ends before the road does
};

}  // namespace schotvrij::test
