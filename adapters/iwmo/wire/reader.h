// Reader: bytes of an iWmo 3.2 document in, Trees out; refuses what the official schema refuses (level 1) and nothing else. Fed in
// pieces of any size; holds one part at a time. Namespace-aware. UTF-8 only; no byte order mark, DOCTYPE, entities of the sender's
// own or processing instructions.
//
//   Reader reader;
//   if (reader.Feed(bytes, sink)) reader.Finish(sink);
#pragma once

#include <memory>
#include <string_view>

#include "adapters/iwmo/wire/tree.h"
#include "schemas/base/issue.h"

namespace schotvrij::iwmo {

// What a document says, in order. A part with an issue of level 1 is not given.
class TreeSink {
 public:
  virtual ~TreeSink() = default;
  // The frame, which is Bericht without its parts (Grammar::part), as far as it came before the first of them: Bericht, Header and what
  // else is open are not closed yet (Node::end is 0 there). Not called for a message that is one part.
  virtual void OnHead(const Tree& head) = 0;
  // One part of a 323 or 325: a Client, its node 0. Valid during the call.
  virtual void OnPart(const Tree& part) = 0;
  // The frame when the document is at its end; of a message that is one part: the whole. Not called for a document that broke off or
  // whose frame had an issue.
  virtual void OnEnd(const Tree& whole) = 0;
  virtual void OnIssue(Issue issue) = 0;
};

class Reader {
 public:
  Reader();
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // False: this cannot be read on; an issue was emitted and Finish need not be called. What it emitted before stands.
  bool Feed(std::string_view bytes, TreeSink& sink);
  void Finish(TreeSink& sink);
  // Null until the root element was read.
  const Grammar* grammar() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether `text` may stand as the value of `element`; null: yes. Else the id of the rule of schemas/codes/issue.csv that it breaks.
const char* ValueFault(const Element& element, std::string_view text);

// "Bericht/Client/StartProducten/StartProduct[2]/Begindatum, line 34": of a class that repeats with its number from 1. `frame_count`: how
// many parts came before this one.
std::string PlaceOf(const Tree& tree, NodeIndex node, uint64_t parts_before = 0);

}  // namespace schotvrij::iwmo
