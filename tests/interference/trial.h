// Trial: one format and one municipality, tried with every change to the message.
//
//   Trial trial(setting, row_of_formats_csv, "gemeente-ede");
//   for (const std::string& fault : trial.Faults()) ADD_FAILURE() << fault;
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "schemas/base/table.h"
#include "tests/interference/source.h"

namespace schotvrij::interference {

// Where two views part, for a test's message; empty: nowhere.
std::string Difference(const View& expected, const View& seen);

class Trial {
 public:
  Trial(const Setting& setting, const Table::Row& format, const std::string& municipality);

  const std::vector<Change>& changes() const { return changes_; }
  // Of every change by itself, of what decoders pass over at each place together, and of `rounds`
  // draws of many together: what somebody saw that should not, or a change that was refused and
  // should not. Empty: nothing.
  std::vector<std::string> Faults(int rounds) const;
  // Of these changes together; empty: nothing.
  std::string Fault(std::span<const Change* const> changes) const;

  // What everybody sees of the message with these changes.
  Views Seen(std::span<const Change* const> changes) const;

  // The message as it stands, and the same course of events without it.
  const Views& with() const { return with_; }
  const Views& without() const { return without_; }
  const Plot& plot() const { return plot_; }

 private:
  void Add(std::span<const Change* const> changes, std::vector<std::string>* faults) const;
  void AddChangesBeside();
  Message MessageWith(std::span<const Change* const> changes) const;
  std::string FaultOfTaken(std::span<const Change* const> changes, const Views& seen) const;
  std::string FaultOfShared(const Change& change, const Views& seen) const;

  const Setting& setting_;
  const std::string format_;
  const std::string call_;
  const std::string media_type_;
  Plot plot_;
  Views without_;
  std::unique_ptr<Source> source_;
  Views with_;
  std::vector<Change> changes_;
};

}  // namespace schotvrij::interference
