#include "gateway/telemetry/process_gauges.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace schotvrij::telemetry {
namespace {

prometheus::Gauge& ProcessGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

double Seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); }

}  // namespace

ProcessGauges::ProcessGauges(prometheus::Registry& registry, Instant started)
    : resident_(ProcessGauge(registry, "process_resident_memory_bytes", "Resident memory")),
      descriptors_(ProcessGauge(registry, "process_open_fds", "Open file descriptors")),
      cpu_(ProcessGauge(registry, "process_cpu_seconds", "Processor time used, in user and kernel mode")) {
  ProcessGauge(registry, "process_start_time_seconds", "When the process began, since 1970").Set(1e-6 * static_cast<double>(started.us));
}

void ProcessGauges::Refresh() const {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  if (double all = 0; statm >> all >> pages) resident_.Set(pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
  std::error_code unknown;
  const std::filesystem::directory_iterator open("/proc/self/fd", unknown);
  if (!unknown) descriptors_.Set(static_cast<double>(std::distance(begin(open), end(open))));
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0) cpu_.Set(Seconds(usage.ru_utime) + Seconds(usage.ru_stime));
}

}  // namespace schotvrij::telemetry
