// SmtpServer: tests/support/smtp_server.py as a child of the test, with its misbehaviour at hand.
//
//   test::SmtpServer server({.script = SOURCE_DIR "/tests/support/smtp_server.py",
//                            .directory = dir + "/box",
//                            .certificate_file = cert,
//                            .key_file = key});
//   mail.set_smtp_url("smtp://localhost:" + std::to_string(server.port()));
//   server.Behave("reply 451");
//   EXPECT_EQ(server.Messages().size(), 1u);
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace schotvrij::test {

class SmtpServer {
 public:
  struct Options {
    std::string script;
    std::string directory;  // made when it is not there
    std::string certificate_file;
    std::string key_file;
    std::vector<std::string> more;  // further arguments: {"--tls", "implicit"}
  };

  // Returns once the server listens; ends the test program when it does not start.
  explicit SmtpServer(const Options& options);
  // Ends the server and waits for it.
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  int port() const { return port_; }
  // From now on; see the script for the words. Empty: behave well.
  void Behave(const std::string& words) const;

  // Every message accepted so far, in order, and the envelope of each.
  std::vector<std::string> Messages() const { return Kept(".eml"); }
  std::vector<std::string> Envelopes() const { return Kept(".env"); }
  // Every command so far: "peer 1 plain EHLO gateway".
  std::string Commands() const;

 private:
  std::vector<std::string> Kept(const std::string& extension) const;

  std::string directory_;
  pid_t pid_ = -1;
  int stdin_ = -1;
  int port_ = 0;
};

}  // namespace schotvrij::test
