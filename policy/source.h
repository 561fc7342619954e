// Source: one policy file after parsing. Place: where in it an element stands, so that every fault
// names file, line and column.
//
//   Place leaf = Place(source).In("rule", 2).In("leaf", 0);
//   faults.Add("POLICY-UNKNOWN-PATH", leaf.In("path"), "client.bns");
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "policy/rule_set.h"
#include "schotvrij/policy/v1/policy.pb.h"

namespace schotvrij::policy {

struct Source {
  std::string name;
  v1::Document document;
  google::protobuf::TextFormat::ParseInfoTree locations;
};

class Place {
 public:
  // The document as a whole.
  explicit Place(const Source& source);

  // Element `field` of the message here, `index` for a repeated one. What the file leaves out
  // stands where its parent does.
  Place In(const std::string& field, int index = -1) const;

  const std::string& file() const { return source_->name; }
  const std::string& path() const { return path_; }
  int line() const { return line_; }  // 1-based; 0 is the document as a whole
  int column() const { return column_; }

 private:
  const Source* source_;
  const google::protobuf::Descriptor* message_;  // null: not a message
  const google::protobuf::TextFormat::ParseInfoTree*
      locations_;  // null: nothing below is in the file
  std::string path_;
  int line_ = 0;
  int column_ = 0;
};

// A fault by its id in schemas/codes/policy_fault.csv. One that is not there ends the program.
// `detail` names what was found.
Fault MakeFault(std::string_view rule, std::string_view detail = "");

class FaultList {
 public:
  void Add(std::string_view rule, const Place& place, std::string_view detail = "");
  void Add(Fault fault) { faults_.push_back(std::move(fault)); }

  bool HasError() const;
  // By file, line and column.
  std::vector<Fault> Sorted() &&;

 private:
  std::vector<Fault> faults_;
};

// Null, with the reasons in `faults`, when the text is no document.
std::unique_ptr<Source> ParseSource(const PolicyFile& file, FaultList& faults);

}  // namespace schotvrij::policy
