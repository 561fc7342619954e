// Findings: the issues of one document on their way to the reader's sink, as many as one answer holds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "adapters/iwmo/wire/reader.h"
#include "schemas/base/limits.h"

namespace schotvrij::iwmo {

class Findings {
 public:
  void SetSink(TreeSink* sink) { sink_ = sink; }
  // False: no more are told, and the document need not be read further.
  bool Tell(std::string_view rule, std::string_view place, std::string_view detail = "") {
    sink_->OnIssue(MakeIssue(rule, place, detail));
    if (++told_ < limits::kIssuesMax) return true;
    sink_->OnIssue(MakeIssue("IWMO-MORE", place));
    return false;
  }

 private:
  TreeSink* sink_ = nullptr;
  size_t told_ = 0;
};

}  // namespace schotvrij::iwmo
