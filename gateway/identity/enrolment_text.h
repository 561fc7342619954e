// An enrolment file as its owner wrote it. An edit changes the words it is about; comments and layout of all else stay as they are.
//
//   ASSIGN_OR_RETURN(EnrolmentText text, EnrolmentText::Parse("home/enrolment.conf", bytes));
//   ASSIGN_OR_RETURN(EnrolmentText edited, text.Suspend("opella"));
//   Write(edited.text());
//
// Each edit is held against the parser: what it made reads as what was asked, and as nothing more. kFailedPrecondition when the
// layout does not allow it (participants in a list, say): then a person has to. kNotFound: no participant of that key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/identity/text_fields.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::identity {

class EnrolmentText {
 public:
  // Form only; whether it holds together is for CheckEnrolment to say. kInvalidArgument with a line per fault.
  static absl::StatusOr<EnrolmentText> Parse(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  const config::v1::Enrolment& document() const { return document_; }
  const config::v1::Participant* Find(std::string_view key) const;

  // Lines and columns from 1, as the parser's.
  struct Place {
    int line = 0;
    int column = 0;
    int last_line = 0;
  };
  // Of a participant's block; nothing when it has none of its own.
  std::optional<Place> PlaceOf(std::string_view key) const;

  // The one block of `file` at the end, or in the place of the one with its key. What stands around it in `file` is not taken.
  // kInvalidArgument: `file` has none, or more. Add: kAlreadyExists.
  absl::StatusOr<EnrolmentText> Add(const EnrolmentText& file) const;
  absl::StatusOr<EnrolmentText> Replace(const EnrolmentText& file) const;
  absl::StatusOr<EnrolmentText> Remove(std::string_view key) const;
  // As it is when it is so already.
  absl::StatusOr<EnrolmentText> Suspend(std::string_view key) const;
  absl::StatusOr<EnrolmentText> Resume(std::string_view key) const;
  // A peer that names this fingerprint and nothing else but whose it is. RemovePeer: kNotFound when there is none.
  absl::StatusOr<EnrolmentText> AddPeer(std::string_view key, const std::string& sha256, const std::string& staff = "") const;
  absl::StatusOr<EnrolmentText> RemovePeer(std::string_view key, const std::string& sha256) const;
  // The S/MIME certificate that is encrypted for, instead of the present one; what a sender by mail signs with, beside the present
  // ones. kFailedPrecondition when it neither is reached nor writes by mail with a certificate.
  absl::StatusOr<EnrolmentText> SetMailCertificate(std::string_view key, const std::string& file) const;

 private:
  EnrolmentText() = default;
  absl::StatusOr<int> IndexOf(std::string_view key) const;
  absl::StatusOr<const TextField*> BlockOf(int index) const;
  // `text` in this one's place, when it reads as `expected`.
  absl::StatusOr<EnrolmentText> Edited(std::string text, const config::v1::Enrolment& expected) const;

  std::string name_;
  std::string text_;
  config::v1::Enrolment document_;
  std::vector<TextField> blocks_;  // one per participant, or none when they do not stand so
};

}  // namespace schotvrij::identity
