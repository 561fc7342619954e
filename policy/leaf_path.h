// Leaf paths: "registration.attestations.verdict" from the root message to one leaf. Repeated
// messages are passed through: the path means the leaf of each. There are no wildcards.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "schotvrij/policy/v1/policy.pb.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij::policy {

struct LeafPath {
  std::vector<const google::protobuf::FieldDescriptor*>
      fields;  // never empty; the last is no message

  const google::protobuf::FieldDescriptor& leaf() const { return *fields.back(); }
};

// Nothing when `path` leads to no leaf of `root`; `*fault` is then the load error, `*at` the part
// that leads nowhere.
std::optional<LeafPath> ResolveLeaf(const google::protobuf::Descriptor& root, std::string_view path,
                                    std::string_view* fault = nullptr, std::string* at = nullptr);

schotvrij::v1::Sensitive SensitiveOf(const google::protobuf::FieldDescriptor& field);
bool IsDate(const google::protobuf::FieldDescriptor& field);
bool IsNumber(const google::protobuf::FieldDescriptor& field);
// An enum or a text with form CODE or PARTY: what `where` may compare.
bool IsCoded(const google::protobuf::FieldDescriptor& field);
// Whether anything on the way is data of somebody other than the client.
bool OfRelative(const LeafPath& path);
// Whether it goes, or is below what goes, back to its sender only (option `sender_only`).
bool OfSenderOnly(const LeafPath& path);

// The bool beside the field that says that nobody may know of it (option `hidden_by`); null: none.
const google::protobuf::FieldDescriptor* HiddenBy(const google::protobuf::FieldDescriptor& field);

// `as` with its default filled in.
v1::As AsOf(const v1::Leaf& leaf);
// Whether the BSN itself would leave: a pseudonym of it, or that there is one, is not the BSN.
bool CarriesBsn(const LeafPath& path, v1::As as);
// Whether a leaf of this type can be shared `as`.
bool Fits(v1::As as, const google::protobuf::FieldDescriptor& field);

struct Grain {
  v1::As as = v1::ITSELF;
  uint32_t group_width = 0;
};
// Whether `narrow` tells no more than `wide` does.
bool SameOrCoarser(Grain narrow, Grain wide);

}  // namespace schotvrij::policy
