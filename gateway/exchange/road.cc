#include "gateway/exchange/road.h"

#include <algorithm>

#include "gateway/exchange/admission.h"
#include "gateway/exchange/day_sheet.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/mail_return.h"
#include "gateway/exchange/mailbox.h"
#include "gateway/exchange/note.h"
#include "gateway/exchange/reception.h"
#include "gateway/telemetry/ledger.h"

namespace schotvrij::exchange {
namespace {

// What the gateway failed at; the caller is not at fault for it.
bool IsOwnFailure(const Issue& issue) { return issue.code == IssueCode::kTransient; }

class OpenRoad final : public Road {
 public:
  explicit OpenRoad(RoadParts parts) : parts_(std::move(parts)), mailbox_(parts_) {}

  void Receive(const Inbound& inbound, AnswerDone done) override {
    std::make_shared<Reception>(parts_, active_, inbound, std::move(done))->Start(inbound);
  }
  void NoteRefusal(const identity::Caller& caller, std::span<const Issue> issues, std::string_view trace_id) override {
    // No refusal; and a store in trouble is not asked to write that it is.
    if (std::all_of(issues.begin(), issues.end(), IsOwnFailure)) return;
    Note(parts_, RefuseEvent({parts_.clock->Now(), parts_.gateway_id, parts_.engine->rules()->name(), caller.peer, caller.peer, "",
                              trace_id},
                             {}, issues));
  }
  void MailReturned(ReturnedMail mail, absl::AnyInvocable<void(Returned)> done) override {
    std::make_shared<MailReturn>(parts_, std::move(mail), std::move(done))->Start();
  }
  void ReadMailbox(MailboxRequest request, absl::AnyInvocable<void(MailboxPage)> done) override {
    mailbox_.Read(std::move(request), std::move(done));
  }
  void Acknowledge(AcknowledgeRequest request, absl::AnyInvocable<void(Acknowledged)> done) override {
    mailbox_.Acknowledge(std::move(request), std::move(done));
  }
  void ReadDaySheet(DaySheetRequest request, absl::AnyInvocable<void(DaySheetRead)> done) override {
    std::make_shared<DaySheet>(parts_, std::move(request), std::move(done))->Start();
  }
  std::unique_ptr<Watch> OnMail(std::string participant, absl::AnyInvocable<void()> wake) override {
    return parts_.doorbell->Listen(std::move(participant), std::move(wake));
  }

 private:
  const RoadParts parts_;
  ActiveNetworks active_;
  Mailbox mailbox_;
};

}  // namespace

std::unique_ptr<Road> NewRoad(RoadParts parts) { return std::make_unique<OpenRoad>(std::move(parts)); }

}  // namespace schotvrij::exchange
