// Writer: Trees in, bytes of an iWmo 3.2 document out: UTF-8 without byte order mark, CRLF, one tab a level, prefixes iwmo and wmo3NN.
//
//   Writer writer(&bytes);
//   writer.Whole(tree);                                     // a message that is one part
//   writer.Head(frame); writer.Part(client); writer.End();   // a 323 or 325
#pragma once

#include <string>

#include "adapters/iwmo/wire/tree.h"

namespace schotvrij::iwmo {

class Writer {
 public:
  // Appends to `out`, which the caller may empty between two calls.
  explicit Writer(std::string* out) : out_(out) {}

  void Whole(const Tree& tree);
  // The frame is the whole of what is not a part, with the class that holds the parts if there are any; it must live until End.
  void Head(const Tree& frame);
  void Part(const Tree& part);
  void End();

 private:
  std::string* out_;
  const Tree* frame_ = nullptr;
  NodeIndex holder_ = kNoNode;  // of the parts, in the frame
};

}  // namespace schotvrij::iwmo
