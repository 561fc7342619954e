// A gateway like `schotvrij serve`, in a process that writes down the SQL of its writing connection.
//
//   bench_serve --home DIR --record FILE      until SIGTERM
#include <csignal>
#include <cstdio>

#include "CLI/CLI.hpp"
#include "gateway/cli/home.h"
#include "gateway/cli/serving.h"
#include "tests/bench/recording.h"

int main(int argc, char** argv) {
  std::string home, record;
  CLI::App app("a gateway whose SQL is recorded");
  app.add_option("--home", home)->required();
  app.add_option("--record", record)->required();
  CLI11_PARSE(app, argc, argv);

  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  try {
    schotvrij::bench::RecordSql(record);
    auto serving = schotvrij::cli::Serving::Start(schotvrij::cli::Home(home).ConfigFile());
    if (!serving.ok()) throw std::runtime_error(std::string(serving.status().message()));
    std::printf("ready\n");
    std::fflush(stdout);
    int signal = 0;
    sigwait(&stop, &signal);
    (*serving)->Stop();
    serving->reset();
    schotvrij::bench::FinishRecording();
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "bench: %s\n", trouble.what());
    return 1;
  }
  return 0;
}
