#include "gateway/identity/enrolment_text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gateway/identity/text_file.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::identity {
namespace {

using config::v1::Participant;
using config::v1::Peer;

constexpr std::string_view kSuspended = "suspended: true";

Peer FingerprintPeer(const std::string& sha256) {
  Peer peer;
  peer.set_sha256(sha256);
  return peer;
}

std::string Quoted(const std::string& value) { return absl::StrCat("\"", absl::Utf8SafeCEscape(value), "\""); }

bool SameMessage(const google::protobuf::Message& one, const google::protobuf::Message& other) {
  return one.SerializeAsString() == other.SerializeAsString();
}

absl::Status ByHand(const std::string& name, std::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat(name, ": ", ToAbsl(what), "; edit the file by hand and run `schotvrij reload`"));
}

// Where a field of a field stands, by its path of names.
const TextField* FieldAt(const TextField& block, std::initializer_list<std::string_view> path) {
  const TextField* at = &block;
  for (std::string_view name : path) {
    if (at != nullptr) at = at->Last(name);
  }
  return at;
}

int LineAt(std::string_view text, size_t at) { return static_cast<int>(std::count(text.begin(), text.begin() + at, '\n')) + 1; }

// The text of the one block in `file`, with line ends as `like` has them.
absl::StatusOr<std::string> OnlyBlock(const EnrolmentText& file, std::string_view like) {
  const int found = file.document().participant_size();
  const std::optional<std::vector<TextField>> fields = ScanTextFields(file.text());
  if (found != 1 || !fields || fields->size() != 1 || !fields->front().is_message) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.name(), ":1:1: it holds ", found, " participants; write just one, as participant { ... }"));
  }
  const TextField& block = fields->front();
  const std::string text = file.text().substr(block.begin, block.value.end - block.begin);
  const std::string plain = absl::StrReplaceAll(text, {{"\r\n", "\n"}});
  return absl::StrReplaceAll(plain, {{"\n", ToAbsl(LineEndOf(like))}});
}

}  // namespace

absl::StatusOr<EnrolmentText> EnrolmentText::Parse(std::string name, std::string text) {
  EnrolmentText made;
  TextFile file(name, text);
  if (!file.Parse(&made.document_)) return absl::InvalidArgumentError(absl::StrJoin(file.faults(), "\n"));
  made.name_ = std::move(name);
  made.text_ = std::move(text);
  std::vector<TextField> fields = ScanTextFields(made.text_).value_or(std::vector<TextField>());
  const bool each_its_own = std::all_of(fields.begin(), fields.end(), [](const TextField& field) {
    return field.name == "participant" && field.is_message;
  });
  if (each_its_own && fields.size() == static_cast<size_t>(made.document_.participant_size())) made.blocks_ = std::move(fields);
  return made;
}

const Participant* EnrolmentText::Find(std::string_view key) const {
  const absl::StatusOr<int> index = IndexOf(key);
  return index.ok() ? &document_.participant(*index) : nullptr;
}

absl::StatusOr<int> EnrolmentText::IndexOf(std::string_view key) const {
  for (int i = 0; i < document_.participant_size(); ++i) {
    if (document_.participant(i).key() == key) return i;
  }
  return absl::NotFoundError(absl::StrCat(name_, ": no participant has the key ", ToAbsl(key),
                                          "; `schotvrij participant list` shows them"));
}

absl::StatusOr<const TextField*> EnrolmentText::BlockOf(int index) const {
  if (static_cast<size_t>(index) < blocks_.size()) return &blocks_[index];
  return ByHand(name_, "its participants do not each stand in a block participant { ... } of their own");
}

std::optional<EnrolmentText::Place> EnrolmentText::PlaceOf(std::string_view key) const {
  const absl::StatusOr<int> index = IndexOf(key);
  if (!index.ok()) return std::nullopt;
  const absl::StatusOr<const TextField*> block = BlockOf(*index);
  if (!block.ok()) return std::nullopt;
  const size_t begin = (*block)->begin;
  const size_t line_end = begin == 0 ? text_.npos : text_.rfind('\n', begin - 1);
  const size_t line_start = line_end == text_.npos ? 0 : line_end + 1;
  return Place{LineAt(text_, begin), static_cast<int>(begin - line_start) + 1, LineAt(text_, (*block)->value.end)};
}

absl::StatusOr<EnrolmentText> EnrolmentText::Edited(std::string text, const config::v1::Enrolment& expected) const {
  absl::StatusOr<EnrolmentText> edited = Parse(name_, std::move(text));
  if (!edited.ok() || !SameMessage(edited->document_, expected)) return ByHand(name_, "its layout allows no edit here");
  return edited;
}

absl::StatusOr<EnrolmentText> EnrolmentText::Add(const EnrolmentText& file) const {
  ASSIGN_OR_RETURN(const std::string block, OnlyBlock(file, text_));
  const Participant& added = file.document().participant(0);
  if (Find(added.key()) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat(name_, ": participant ", added.key(),
                                                 " is there already; `schotvrij participant replace` puts another in its place"));
  }
  config::v1::Enrolment expected = document_;
  *expected.add_participant() = added;
  const std::string line_end(LineEndOf(text_));
  const bool whole_lines = text_.empty() || text_.ends_with('\n');
  return Edited(whole_lines ? absl::StrCat(text_, block, line_end) : absl::StrCat(text_, line_end, block), expected);
}

absl::StatusOr<EnrolmentText> EnrolmentText::Replace(const EnrolmentText& file) const {
  ASSIGN_OR_RETURN(const std::string text, OnlyBlock(file, text_));
  const Participant& other = file.document().participant(0);
  ASSIGN_OR_RETURN(const int index, IndexOf(other.key()));
  ASSIGN_OR_RETURN(const TextField* block, BlockOf(index));
  config::v1::Enrolment expected = document_;
  *expected.mutable_participant(index) = other;
  return Edited(absl::StrCat(text_.substr(0, block->begin), text, text_.substr(block->value.end)), expected);
}

absl::StatusOr<EnrolmentText> EnrolmentText::Remove(std::string_view key) const {
  ASSIGN_OR_RETURN(const int index, IndexOf(key));
  ASSIGN_OR_RETURN(const TextField* block, BlockOf(index));
  config::v1::Enrolment expected = document_;
  expected.mutable_participant()->DeleteSubrange(index, 1);
  return Edited(WithoutField(text_, *block), expected);
}

absl::StatusOr<EnrolmentText> EnrolmentText::Suspend(std::string_view key) const {
  ASSIGN_OR_RETURN(const int index, IndexOf(key));
  if (document_.participant(index).suspended()) return *this;
  ASSIGN_OR_RETURN(const TextField* block, BlockOf(index));
  config::v1::Enrolment expected = document_;
  expected.mutable_participant(index)->set_suspended(true);
  const TextField* said = block->Last("suspended");
  if (said == nullptr) return Edited(WithFieldFirst(text_, *block, kSuspended), expected);
  std::string text = text_;  // it says false
  return Edited(text.replace(said->value.begin, said->value.end - said->value.begin, "true"), expected);
}

absl::StatusOr<EnrolmentText> EnrolmentText::Resume(std::string_view key) const {
  ASSIGN_OR_RETURN(const int index, IndexOf(key));
  if (!document_.participant(index).suspended()) return *this;
  ASSIGN_OR_RETURN(const TextField* block, BlockOf(index));
  const TextField* said = block->Last("suspended");
  if (said == nullptr) return ByHand(name_, "its layout allows no edit here");
  config::v1::Enrolment expected = document_;
  expected.mutable_participant(index)->clear_suspended();
  return Edited(WithoutField(text_, *said), expected);
}

absl::StatusOr<EnrolmentText> EnrolmentText::AddPeer(std::string_view key, const std::string& sha256,
                                                     const std::string& staff) const {
  ASSIGN_OR_RETURN(const int index, IndexOf(key));
  ASSIGN_OR_RETURN(const TextField* block, BlockOf(index));
  config::v1::Enrolment expected = document_;
  Peer& added = *expected.mutable_participant(index)->add_peer();
  added = FingerprintPeer(sha256);
  added.set_staff(staff);
  const TextField* behind = block->Last("peer");
  if (behind == nullptr) behind = block->Last("key");
  return Edited(WithFieldBehind(text_, *behind, absl::StrCat("peer { sha256: ", Quoted(sha256), staff.empty() ? "" : " staff: " + Quoted(staff), " }")), expected);
}

absl::StatusOr<EnrolmentText> EnrolmentText::RemovePeer(std::string_view key, const std::string& sha256) const {
  ASSIGN_OR_RETURN(const int index, IndexOf(key));
  ASSIGN_OR_RETURN(const TextField* block, BlockOf(index));
  config::v1::Enrolment expected = document_;
  auto* peers = expected.mutable_participant(index)->mutable_peer();
  const Peer sought = FingerprintPeer(sha256);
  const auto found = std::find_if(peers->begin(), peers->end(), [&](Peer peer) {
    peer.clear_staff();
    return SameMessage(peer, sought);
  });
  if (found == peers->end()) {
    return absl::NotFoundError(absl::StrCat(name_, ": no peer of participant ", ToAbsl(key), " names just the fingerprint ", sha256,
                                            "; `schotvrij participant show` lists its peers"));
  }
  const int place = static_cast<int>(found - peers->begin());
  peers->erase(found);
  int passed = 0;
  for (const TextField& field : block->fields) {
    if (field.name == "peer" && passed++ == place) return Edited(WithoutField(text_, field), expected);
  }
  return ByHand(name_, "its peers do not each stand in a block peer { ... } of their own");
}

absl::StatusOr<EnrolmentText> EnrolmentText::SetMailCertificate(std::string_view key, const std::string& file) const {
  ASSIGN_OR_RETURN(const int index, IndexOf(key));
  ASSIGN_OR_RETURN(const TextField* block, BlockOf(index));
  config::v1::Enrolment expected = document_;
  Participant* participant = expected.mutable_participant(index);
  const bool reached = participant->route().has_mail();
  const bool writes = participant->mail_sender().certificate_file_size() > 0;
  if (!reached && !writes) {
    return absl::FailedPreconditionError(
        absl::StrCat(name_, ": participant ", ToAbsl(key), " has no certificate for mail: it is not reached by S/MIME and does ",
                     "not write by it; `schotvrij participant replace` can change that"));
  }
  const TextField* route = FieldAt(*block, {"route", "mail", "certificate_file"});
  const TextField* sender = FieldAt(*block, {"mail_sender", "certificate_file"});
  if ((reached && route == nullptr) || (writes && sender == nullptr)) return ByHand(name_, "its layout allows no edit here");
  std::string text = text_;
  auto point = [&] {
    participant->mutable_route()->mutable_mail()->set_certificate_file(file);
    text.replace(route->value.begin, route->value.end - route->value.begin, Quoted(file));
  };
  const auto& signs_with = participant->mail_sender().certificate_file();
  const bool known = std::find(signs_with.begin(), signs_with.end(), file) != signs_with.end();
  auto add = [&] {
    if (known) return;
    participant->mutable_mail_sender()->add_certificate_file(file);
    text = WithFieldBehind(text, *sender, absl::StrCat("certificate_file: ", Quoted(file)));
  };
  // The later place first, so that the other one stays where it was.
  const bool route_first = !writes || (reached && route->begin > sender->begin);
  if (reached && route_first) point();
  if (writes) add();
  if (reached && !route_first) point();
  return Edited(std::move(text), expected);
}

}  // namespace schotvrij::identity
