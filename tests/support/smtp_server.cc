#include "tests/support/smtp_server.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

extern char** environ;

namespace schotvrij::test {
namespace {

constexpr char kPython[] = "/usr/bin/python3";  // Debian's own, which has python3-aiosmtpd

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "tests/support/smtp_server: %s\n", what);
  std::abort();
}

std::string Contents(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// Starts `arguments` with its standard input and output on pipes; returns the process id.
pid_t Spawn(std::vector<std::string> arguments, int* write_to, int* read_from) {
  int in[2];
  int out[2];
  // Other children must not hold these ends open.
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) Die("no pipes");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (posix_spawn(&pid, kPython, &actions, nullptr, argv.data(), environ) != 0)
    Die("cannot start python3");
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  *write_to = in[1];
  *read_from = out[0];
  return pid;
}

// The number in the line "port N"; 0 when the server ended without it.
int ReadPort(int read_from) {
  int port = 0;
  FILE* lines = fdopen(read_from, "r");
  if (std::fscanf(lines, "port %d", &port) != 1) port = 0;
  std::fclose(lines);
  return port;
}

}  // namespace

SmtpServer::SmtpServer(const Options& options) : directory_(options.directory) {
  std::filesystem::create_directories(directory_);
  std::vector<std::string> arguments = {kPython,       options.script,
                                        "--dir",       directory_,
                                        "--cert",      options.certificate_file,
                                        "--key",       options.key_file,
                                        "--behaviour", directory_ + "/behaviour",
                                        "--until-eof"};
  arguments.insert(arguments.end(), options.more.begin(), options.more.end());
  int read_from = -1;
  pid_ = Spawn(std::move(arguments), &stdin_, &read_from);
  port_ = ReadPort(read_from);
  if (port_ == 0) Die("the server does not start");
}

SmtpServer::~SmtpServer() {
  close(stdin_);
  waitpid(pid_, nullptr, 0);
}

void SmtpServer::Behave(const std::string& words) const {
  const std::string file = directory_ + "/behaviour";
  std::ofstream(file + ".new") << words << "\n";
  std::filesystem::rename(file + ".new", file);
}

std::string SmtpServer::Commands() const { return Contents(directory_ + "/commands.log"); }

std::vector<std::string> SmtpServer::Kept(const std::string& extension) const {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> contents;
  for (const std::string& file : files) contents.push_back(Contents(file));
  return contents;
}

}  // namespace schotvrij::test
