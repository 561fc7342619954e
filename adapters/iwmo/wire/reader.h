// Reader: bytes of an iWmo 3.2 document in, Trees out; refuses what the official schema refuses (level 1) and nothing else. Fed in
// pieces of any size; holds one part at a time. Namespace-aware. UTF-8 only; no byte order mark, DOCTYPE, entities of the sender's
// own or processing instructions.
//
//   Reader reader;
//   if (reader.Feed(bytes, sink)) reader.Finish(sink);
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "adapters/iwmo/wire/place.h"
#include "adapters/iwmo/wire/tree.h"
#include "adapters/iwmo/wire/value.h"
#include "schemas/base/issue.h"
#include "schemas/base/limits.h"

namespace schotvrij::iwmo {

// What a document says, in order. What has an issue of level 1 is not given.
class TreeSink {
 public:
  virtual ~TreeSink() = default;
  // Of a 323 or 325: the frame, which is Bericht without its parts (Grammar::part), as far as it came before the first of them, as if what
  // is open ended there. Without parts it comes at the end. Not called when that much of it has an issue; then no part is given either.
  virtual void OnHead(const Tree& head) = 0;
  // One part: a Client, its node 0. Valid during the call.
  virtual void OnPart(const Tree& part) = 0;
  // The frame when the document is at its end; of a message that is one part: the whole. Not called for a document that broke off or
  // goes on behind its root, or whose frame has an issue.
  virtual void OnEnd(const Tree& whole) = 0;
  virtual void OnIssue(Issue issue) = 0;
};

struct ReaderOptions {
  // At most kIwmoLiftedBytesMax.
  size_t bytes_max = limits::kIwmoBytesMax;
};

class Reader {
 public:
  explicit Reader(ReaderOptions options = {});
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

}  // namespace schotvrij::iwmo
