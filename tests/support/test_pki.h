// A certificate authority and certificates in a directory of their own, gone with the object. Made
// by the openssl command line (make_certs.sh), so that nothing of ours vouches for what it is
// tested with.
//
//   test::Pki pki;
//   pki.Authority("ca");
//   pki.Leaf("ca", "provider", "/O=Proefaanbieder/CN=provider",
//   "URI:urn:schotvrij:party:provider"); Use(pki.Certificate("provider"), pki.Key("provider"),
//   pki.Certificate("ca"));
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace schotvrij::test {

// A directory that is removed with the object.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "schotvrij-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class Pki {
 public:
  void Authority(const std::string& name) { Run({"ca", dir_.path(), name}); }
  // `subject` and `san` in openssl's own notation; `use` is an extendedKeyUsage.
  void Leaf(const std::string& authority, const std::string& name, const std::string& subject,
            const std::string& san, const std::string& use = "clientAuth,serverAuth") {
    Run({"leaf", dir_.path(), authority, name, subject, san, use});
  }

  std::string Certificate(const std::string& name) const { return dir_.File(name + ".pem"); }
  std::string Key(const std::string& name) const { return dir_.File(name + ".key"); }
  const std::string& dir() const { return dir_.path(); }

 private:
  static void Run(const std::vector<std::string>& arguments) {
    std::string command = std::string(SOURCE_DIR) + "/tests/support/make_certs.sh";
    for (const std::string& argument : arguments) command += " '" + argument + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << "make_certs.sh " << arguments[0];
  }

  TempDir dir_;
};

}  // namespace schotvrij::test
