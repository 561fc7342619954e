// HeadCheck: whether a request's head can be read in one way only. The parser behind it is lenient
// where two readers may differ (request smuggling); what passes here leaves it no choice.
//
//   HeadFault fault = CheckHead("GET /fhir/metadata HTTP/1.1\r\nHost: gateway\r\n\r\n");   // kNone
#pragma once

#include <cstddef>
#include <string_view>

namespace schotvrij::http {

enum class HeadFault {
  kNone,
  kLineEnd,           // bare CR or LF, or a control character
  kRequestLine,       // not METHOD SP target SP HTTP/1.x (RFC 9112 §3)
  kTarget,            // not origin form; '#', or a character that no URL has
  kVersion,           // neither HTTP/1.0 nor HTTP/1.1
  kFieldLine,         // no colon, white space before it, obs-fold, or no field name (RFC 9112 §5)
  kHost,              // none in HTTP/1.1, more than one, or empty (RFC 9112 §3.2)
  kContentLength,     // more than one, a list, or no number (RFC 9112 §6.2)
  kTransferEncoding,  // more than one, anything but "chunked", or with HTTP/1.0 (RFC 9112 §6.1)
  kBothLengths,       // Content-Length and Transfer-Encoding
  kExpectation,       // Expect with anything but 100-continue
};

// `head` from the request line up to and with the empty line.
HeadFault CheckHead(std::string_view head);

// Looks for the end of the head in what was received so far, of which the first `from` bytes were
// looked at before. `size` > 0: it is complete and so long. `bad`: a line does not end in CR LF, no
// use to wait for more.
struct HeadEnd {
  size_t size = 0;
  bool bad = false;
};
HeadEnd FindHeadEnd(std::string_view received, size_t from = 0);

}  // namespace schotvrij::http
