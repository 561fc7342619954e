// Mutation: a valid message changed by chance in one place, so that most are valid no longer.
#pragma once

#include <random>
#include <string>

namespace schotvrij::test {

// `document` is as RandomDocument writes it. What comes out is well-formed: elements dropped, repeated, moved, renamed, in another
// namespace; values of another type, too long, cut, with white space; text, comments, CDATA sections and attributes where they may be or not.
std::string Mutate(std::string document, std::mt19937_64& random);

}  // namespace schotvrij::test
