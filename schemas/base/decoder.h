// Decoder: bytes of one format in, canonical parts out. Fed in pieces of any size; pure: no clock, socket, file or global.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij {

// Receives what a decoder finds, in order.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual void OnHeader(v1::BatchHeader header) = 0;
  virtual void OnExchange(v1::Exchange exchange) = 0;
  virtual void OnTrailer(v1::BatchTrailer trailer) = 0;
  virtual void OnIssue(Issue issue) = 0;
  // Of a batch: a part ends; what came since the last one was of it.
  virtual void OnPart() {}
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // False: nothing more is wanted, an Issue was emitted and Finish need not be called.
  virtual bool Feed(std::string_view bytes, PartSink& sink) = 0;
  virtual void Finish(PartSink& sink) = 0;
  // What the answer must look like, for the same adapter's encoder of answers ("transaction;4;0"); opaque to the road.
  virtual std::string Shape() const { return ""; }
};

// A sink that keeps everything, for messages about one client.
struct DecodedParts final : PartSink {
  void OnHeader(v1::BatchHeader) override {}
  void OnExchange(v1::Exchange exchange) override { exchanges.push_back(std::move(exchange)); }
  void OnTrailer(v1::BatchTrailer) override {}
  void OnIssue(Issue issue) override { issues.push_back(std::move(issue)); }

  std::vector<v1::Exchange> exchanges;
  std::vector<Issue> issues;
};

}  // namespace schotvrij
