// Source: a message and every single change to it. A form of message (JSON, protobuf, mail) is a class; a
// format that has the form is a row of formats.csv.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/interference/fields.h"
#include "tests/interference/scene.h"

namespace schotvrij::interference {

struct Change {
  // set: the value of a field. everywhere: likewise, wherever its old value stands. insert: what
  // every decoder must pass over. remove and reverse: of an element, a list. write: the same
  // message in other bytes. header, target: beside the message.
  enum class Kind { kSet, kEverywhere, kInsert, kRemove, kReverse, kWrite, kHeader, kTarget };

  Kind kind = Kind::kSet;
  std::string field;  // its row in fields.csv: "Patient.birthDate"
  std::string place;  // where it stands: "/entry/1/resource/birthDate"
  std::string value;  // another value; what is inserted; how it is written
  std::string old;    // the value it had
  // Whether it must be taken, with nothing of it seen but by `to`; otherwise it may be refused.
  bool taken = false;
  To to = To::kNobody;
};

// For a test's message.
std::string Told(const Change& change);

class Source {
 public:
  virtual ~Source() = default;
  virtual std::vector<Change> Changes() const = 0;
  // The message with all of `changes`, of which none removes or reverses what another sets.
  virtual std::string With(std::span<const Change* const> changes) const = 0;
};

std::unique_ptr<Source> NewJsonSource(const std::string& format, const std::string& text);
// `text` is the same message in JSON, and so are the places of its changes.
std::unique_ptr<Source> NewXmlSource(const std::string& format, const std::string& text);
std::unique_ptr<Source> NewProtobufSource(const std::string& format, const std::string& text);
// The text of a mail, as it comes out of its envelope.
std::unique_ptr<Source> NewTextSource(const std::string& format, const std::string& text);

// The changes that `row` asks for at one field, by its values or, where it has none, those of
// OtherTexts.
void AddSettings(const FieldRow& row, Change change, const std::vector<std::string>& others,
                 std::vector<Change>* changes);

}  // namespace schotvrij::interference
