// A folder of its own for one test, and certificates made in it by the openssl command.
#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace schotvrij::identity {

class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "identity-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(Path(name)) << text;
    chmod(Path(name).c_str(), mode);
  }
  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(Path(name)).rdbuf();
    return text.str();
  }
  void Run(const std::string& command) const {
    ASSERT_EQ(std::system(("cd " + folder_ + " && (" + command + ") >log 2>&1").c_str()), 0) << command << Read("log");
  }

  // name.crt and name.key. `options`: more of `openssl req`, such as -addext subjectAltName=...
  std::string MakeCertificate(const std::string& name, const std::string& subject, const std::string& options = "") const {
    Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout " + name + ".key -out " + name +
        ".crt -subj '" + subject + "' " + options);
    return Read(name + ".crt");
  }

 private:
  std::string folder_;
};

}  // namespace schotvrij::identity
