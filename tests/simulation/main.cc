// simulate: runs of the gateway in a world of its own, each from one seed.
//
//   simulate --seed 17 --workload tests/simulation/workloads/ordinary.txtpb      one run, its trace on standard output
//   simulate --seeds 1-1000 --workload A --workload B                            many; seed N runs workload N modulo how many
//
//   --processes N     so many at once (1)
//   --mutant NAME     a gateway that is wrong (mutants.h)
//   --expect TEXT     good when a run is broken by a violation with this text, and stops there; for mutants
//   --mutants         names of the mutants
//
// Exit codes: 0 as it should be, 1 not, 2 wrong use.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "schemas/base/audit_chain.h"
#include "tests/simulation/simulation.h"

namespace schotvrij::simulation {
namespace {

struct NamedWorkload {
  std::string file;
  Workload workload;
};

struct Options {
  uint64_t first = 0;
  uint64_t last = 0;
  bool alone = false;
  std::vector<NamedWorkload> workloads;
  uint64_t processes = 1;
  std::string mutant = "none";
  std::string expect;  // of a violation; empty: none
};

// What every set of so many runs must have shown, or it proves less than it seems to.
constexpr uint64_t kManySeeds = 200;
constexpr const char* kMustHappen[] = {
    "accepted",         "refused",          "repeated",          "not now",          "said again",
    "shown",            "acknowledged",     "sent",              "sent again",       "power lost",
    "killed",           "restarted",        "start failed",      "reloaded",         "failure logged",
    "delivery ended 3", "delivery ended 4", "delivery ended 5",  "receipt ACCEPTED", "receipt REJECTED",
    "receipt UNDELIVERABLE", "receipt WITHHELD", "step WITHDRAW", "step AMEND", "step END", "step REOPEN",       "ended by consent", "ended while sent",
    "ended by itself", "breach BREACH_WRONG_PERSON", "breach BREACH_WRONG_RECIPIENT"};

// And each year.
constexpr const char* kMustHappenInAYear[] = {"agreement 2024", "agreement 2027", "step AMEND",        "step END",
                                              "step REOPEN",    "step WITHDRAW",  "ended by consent",  "on both lists",
                                              "reloaded",       "restarted",      "sent in an outage", "receipt WITHHELD"};

[[noreturn]] void WrongUse(const std::string& what) {
  std::fprintf(stderr, "simulate: %s\n", what.c_str());
  std::exit(2);
}

uint64_t Number(const std::string& text) {
  uint64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) WrongUse(text + " is no number");
  return number;
}

NamedWorkload Load(const std::string& file) {
  std::ifstream in(file);
  if (!in) WrongUse("cannot read " + file);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  NamedWorkload named{file, {}};
  if (!google::protobuf::TextFormat::ParseFromString(text, &named.workload)) WrongUse(file + " is no workload");
  if (named.workload.persons() == 0 || named.workload.persons() > kPersonsMax) WrongUse(file + " has no persons, or too many");
  const bool cast = named.workload.providers() > 0 && named.workload.providers() <= std::size(kProviders) &&
                    named.workload.municipalities() > 0 && named.workload.municipalities() <= std::size(kMunicipalities);
  if (!cast) WrongUse(file + " has other parties than there are");
  return named;
}

Options Read(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    const auto value = [&]() -> std::string {
      if (++i == count) WrongUse(name + " needs a value");
      return arguments[i];
    };
    if (name == "--seed") {
      options.first = options.last = Number(value());
      options.alone = true;
    } else if (name == "--seeds") {
      const std::string range = value();
      const size_t dash = range.find('-');
      if (dash == std::string::npos) WrongUse("--seeds takes FIRST-LAST");
      options.first = Number(range.substr(0, dash));
      options.last = Number(range.substr(dash + 1));
    } else if (name == "--workload") {
      options.workloads.push_back(Load(value()));
    } else if (name == "--processes") {
      options.processes = Number(value());
    } else if (name == "--mutant") {
      options.mutant = value();
      if (!FindMutant(options.mutant)) WrongUse("there is no mutant " + options.mutant);
    } else if (name == "--expect") {
      options.expect = value();
    } else if (name == "--mutants") {
      for (const std::string& mutant : MutantNames()) std::printf("%s\n", mutant.c_str());
      std::exit(0);
    } else {
      WrongUse("what is " + name + "?");
    }
  }
  if (options.workloads.empty()) WrongUse("--workload is missing");
  if (options.last < options.first || options.last == 0 || options.processes == 0) WrongUse("no seeds");
  return options;
}

const NamedWorkload& WorkloadOf(const Options& options, uint64_t seed) {
  return options.workloads[seed % options.workloads.size()];
}

// Whether the run ended as it should.
bool IsAsExpected(const Options& options, const Outcome& outcome) {
  if (options.expect.empty()) return outcome.violations.empty();
  return std::any_of(outcome.violations.begin(), outcome.violations.end(), [&](const std::string& violation) {
    return violation.find(options.expect) != std::string::npos;
  });
}

void Report(const Options& options, uint64_t seed, const Outcome& outcome) {
  for (const std::string& violation : outcome.violations) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), violation.c_str());
  }
  std::printf("replay: simulate --seed %llu --workload %s%s\n", static_cast<unsigned long long>(seed),
              WorkloadOf(options, seed).file.c_str(),
              options.mutant == "none" ? "" : absl::StrCat(" --mutant ", options.mutant).c_str());
}

struct Total {
  uint64_t broken = 0;  // runs; where a violation is expected, those that show it
  std::map<std::string, uint64_t> counts;
};

// Every `processes`th seed, from `first + part` on.
Total RunPart(const Options& options, uint64_t part) {
  Total total;
  for (uint64_t seed = options.first + part; seed <= options.last; seed += options.processes) {
    const Outcome outcome = Simulate(seed, WorkloadOf(options, seed).workload, *FindMutant(options.mutant));
    for (const auto& [what, times] : outcome.counts) total.counts[what] += times;
    if (IsAsExpected(options, outcome) == options.expect.empty()) continue;
    ++total.broken;
    Report(options, seed, outcome);
    std::fflush(stdout);
    if (!options.expect.empty()) break;
  }
  return total;
}

void Send(const Total& total, int pipe) {
  std::string text = absl::StrCat("broken\t", total.broken, "\n");
  for (const auto& [what, times] : total.counts) absl::StrAppend(&text, what, "\t", times, "\n");
  if (write(pipe, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
}

void Add(int pipe, Total& total) {
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(pipe, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(got));
  for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = text.substr(begin, end - begin);
    const size_t tab = line.find('\t');
    const uint64_t times = Number(line.substr(tab + 1));
    (line.substr(0, tab) == "broken" ? total.broken : total.counts[line.substr(0, tab)]) += times;
  }
}

Total RunAll(const Options& options) {
  std::vector<std::pair<pid_t, int>> children;
  for (uint64_t part = 1; part < options.processes; ++part) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    const pid_t child = fork();
    if (child == 0) {
      Send(RunPart(options, part), ends[1]);
      std::fflush(stdout);
      _exit(0);
    }
    close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  Total total = RunPart(options, 0);
  for (const auto& [child, pipe] : children) {
    Add(pipe, total);
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) ++total.broken;
  }
  return total;
}

int RunOne(const Options& options) {
  const Outcome outcome = Simulate(options.first, WorkloadOf(options, options.first).workload, *FindMutant(options.mutant));
  std::fwrite(outcome.trace.data(), 1, outcome.trace.size(), stdout);
  std::printf("digest %s\n", absl::BytesToHexString(Sha256(outcome.trace)).c_str());
  if (!outcome.violations.empty()) Report(options, options.first, outcome);
  return IsAsExpected(options, outcome) ? 0 : 1;
}

int RunMany(const Options& options) {
  const Total total = RunAll(options);
  for (const auto& [what, times] : total.counts) {
    std::printf("%9llu %s\n", static_cast<unsigned long long>(times), what.c_str());
  }
  std::printf("%llu of %llu runs are broken\n", static_cast<unsigned long long>(total.broken),
              static_cast<unsigned long long>(options.last - options.first + 1));
  if (!options.expect.empty()) return total.broken > 0 ? 0 : 1;
  bool shown_all = true;
  const auto must_happen = [&](std::span<const char* const> all) {
    for (const char* what : all) {
      if (total.counts.contains(what)) continue;
      std::printf("never came to pass: %s\n", what);
      shown_all = false;
    }
  };
  if (options.last - options.first + 1 >= kManySeeds) must_happen(kMustHappen);
  if (options.workloads.front().workload.documents() == OF_A_YEAR) must_happen(kMustHappenInAYear);
  return total.broken == 0 && shown_all ? 0 : 1;
}

}  // namespace
}  // namespace schotvrij::simulation

int main(int count, char** arguments) {
  using namespace schotvrij::simulation;
  const Options options = Read(count, arguments);
  return options.alone ? RunOne(options) : RunMany(options);
}
