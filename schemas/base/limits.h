// Every limit, in one place. Each has a test that exceeds it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace schotvrij::limits {

// Edges.
inline constexpr size_t kBodyBytesMax = 1 << 20;           // one message on HTTPS or gRPC
inline constexpr size_t kHeaderBytesMax = 16 << 10;        // HTTP request line and header fields together
inline constexpr int kJsonDepthMax = 32;                   // nested objects and arrays, or elements of XML
inline constexpr size_t kJsonNodesMax = 20'000;            // values in one message, or elements and attributes
inline constexpr size_t kJsonKeysMax = 128;                // keys of one object, attributes of one element
inline constexpr size_t kTextBytesMax = 4 << 10;           // one text value that we keep
inline constexpr size_t kKeyBytesMax = 128;                // idempotency keys and other opaque references
inline constexpr size_t kEntriesMax = 64;                  // entries of a Bundle
inline constexpr size_t kResourcesMax = 128;               // resources of a message, contained ones included
inline constexpr int64_t kRequestReadUsMax = 10'000'000;   // from first byte to last of one request
inline constexpr int64_t kIdleUsMax = 60'000'000;          // silence on an open connection
inline constexpr size_t kConnectionsMax = 1024;            // per listener
inline constexpr size_t kConnectionsPerPeerMax = 256;      // of one certificate, per listener
inline constexpr size_t kAdminBodyBytesMax = 64 << 10;     // one request on the admin listener
inline constexpr int64_t kAnswerUsMax = 60'000'000;        // from a whole request to its answer
inline constexpr int64_t kLingerUsMax = 1'000'000;         // after a refusal, for what is still on its way
inline constexpr int64_t kStopGraceUs = 10'000'000;        // for requests that were begun when the gateway stops
inline constexpr int64_t kClientUsMax = 120'000'000;       // one call of our own HTTP client
inline constexpr size_t kClientBodyBytesMax = 16 << 20;    // its answer
inline constexpr size_t kSearchResultsMax = 100;           // items on one page
inline constexpr size_t kSearchParametersMax = 20;         // of one search
inline constexpr size_t kAcknowledgeMax = 1000;            // delivery ids in one call
inline constexpr int64_t kRepeatDaysMax = 31;              // of which messages are given again at once
inline constexpr size_t kRepeatLook = 1000;                // deliveries looked at for a repeat before others have their turn

// gRPC.
inline constexpr int kStreamsPerConnectionMax = 128;       // calls at the same time on one connection
inline constexpr size_t kGrpcMemoryBytesMax = 256 << 20;   // buffers of all connections together
inline constexpr size_t kPeersCachedMax = 1024;            // certificates whose holder is remembered
inline constexpr size_t kWatchStreamsMax = 1024;           // open mailbox streams
inline constexpr size_t kWatchStreamsPerPeerMax = 64;      // of which by one certificate holder
inline constexpr size_t kWatchPageItems = 128;             // items read ahead for one stream
inline constexpr size_t kErrorDetailsBytesMax = 4 << 10;   // in a trailer; clients take 8 KiB of them by default

// Policy.
inline constexpr size_t kPolicyFileBytesMax = 1 << 20;
inline constexpr size_t kPolicyRulesMax = 2000;
inline constexpr int kPolicyItemsMax = 256;                // of one repeated element, rules apart
inline constexpr uint32_t kDeadlineWorkingDaysMax = 60;    // that an answer may take

// Configuration.
inline constexpr size_t kConfigFileBytesMax = 1 << 20;     // configuration and enrolment, each
inline constexpr size_t kKeyFileBytesMax = 64 << 10;       // one key, certificate chain or password
inline constexpr int64_t kCheckpointIntervalUs = 60'000'000;  // where the configuration does not say
inline constexpr uint32_t kCheckpointRecords = 10'000;
inline constexpr int64_t kMailTimeoutUs = 60'000'000;
inline constexpr int64_t kRetryFirstUs = 30'000'000;
inline constexpr int64_t kRetryMaxUs = 3'600'000'000;
inline constexpr uint32_t kRetryAttempts = 350;  // more than a week, however the back-off is drawn (R56)

// Day sheet.
inline constexpr size_t kDaySheetMissingMax = 1000;        // message ids listed as missing
inline constexpr size_t kDaySheetPage = 256;               // deliveries looked at before others have their turn

// Store.
inline constexpr size_t kQueueUnitsMax = 4096;             // units that wait for a flush
inline constexpr size_t kQueueBytesMax = 64 << 20;
inline constexpr size_t kQueueShare = 2;                   // one participant takes up at most one over this of the queue
inline constexpr size_t kFlushUnitsMax = 256;              // units in one flush
inline constexpr size_t kFoldBytes = 2 << 20;              // of units, before their log is moved into the database
inline constexpr int kFlushesGivenWayMax = 4;              // that a unit which gives way waits for
inline constexpr int64_t kStoreBusyUsMax = 2'000'000;      // wait for another process's lock, then refuse
inline constexpr size_t kAuditRowBytes = 64 << 10;         // of events, from which on a row of the audit trail takes no more
inline constexpr size_t kBacklogCountMax = 1000;           // a count of what waits goes no further
inline constexpr int kStaleRetriesMax = 8;                 // decide again after a concurrent change

// Batches.
inline constexpr uint64_t kBatchPartsMax = 250'000;        // registrations in one batch
inline constexpr size_t kBatchSliceParts = 8;              // parts to one commit; the writer is not held longer than that takes
inline constexpr size_t kBatchPieceBytes = 16 << 10;       // of a Bundle that are read before others have their turn
inline constexpr size_t kOpenBatchesMax = 64;              // of all senders, that are not finished; as many streams
inline constexpr size_t kOpenBatchesPerSenderMax = 16;     // of which by one
inline constexpr int64_t kBatchReceiveUsMax = 86'400'000'000;  // silence in a batch that is being received
inline constexpr int64_t kBatchRetryUs = 50'000;           // until a slice that found the queue full is offered again
inline constexpr int64_t kBatchRoundUs = 1'000'000;        // until batches are looked at without being woken
inline constexpr int64_t kBatchProgressUs = 200'000;       // between two looks at how far a batch is

// iWmo.
inline constexpr size_t kIwmoBytesMax = 25 << 20;          // one document (OP179: 25 MB, which is read as the larger of its two meanings)
inline constexpr size_t kIwmoLiftedBytesMax = 1 << 30;    // one document, where that rule is lifted
inline constexpr size_t kIwmoValueBytesMax = 64 << 10;     // one value
inline constexpr size_t kIwmoTagBytesMax = 4 << 10;        // one tag, or one reference to a character
inline constexpr size_t kIwmoAttributesMax = 16;           // of one element, namespace declarations among them
inline constexpr size_t kIwmoNamespacesMax = 32;           // declarations that hold at one place
inline constexpr size_t kIwmoDepthMax = 32;                // elements within each other

// Audit.
inline constexpr size_t kAuditPageRecords = 1000;          // read at once by a verification
inline constexpr size_t kAuditFindingsMax = 1000;          // kept by a verification; the rest is like them

// Deliveries.
inline constexpr size_t kDueDeliveriesMax = 64;            // taken up by one round of the dispatcher
inline constexpr int64_t kTimerRoundUs = 60'000'000;        // until it is looked which timers are due
inline constexpr int64_t kTimerRetryUs = 3'600'000'000;     // until one whose work failed has its turn again
inline constexpr int64_t kDispatchRoundUs = 1'000'000;     // at the latest, without being woken
inline constexpr uint32_t kMailsPerMinute = 600;           // to one participant, where the configuration does not say
inline constexpr uint32_t kMailsPerMinuteMax = 60'000;
inline constexpr size_t kPaceTurnsMax = 100'000;           // mails whose turn is kept in memory; later ones ask again
inline constexpr int64_t kPaceLateUs = 1'000'000;          // who asks later than that after its turn lost it
inline constexpr int64_t kHandOverRoundUs = 60'000'000;    // between two looks for what lies with a party that was followed up
inline constexpr size_t kHandOverMax = 100;                // deliveries handed over in one unit

// Casefile.
inline constexpr int kFactsItemsMax = 1000;                // registrations and consents kept of one client from one sender, together

// Form of a message, whatever edge it came by.
inline constexpr size_t kListItemsMax = 100;               // elements of one repeated field
inline constexpr size_t kIssuesMax = 100;                  // findings in one answer; the rest is left out

// Secure mail.
inline constexpr int kRsaBitsMin = 2048;
inline constexpr size_t kMailSenders = 4;                  // threads, each with one connection
inline constexpr size_t kMailQueueMax = 256;               // messages that wait for a sender
inline constexpr int64_t kMailGraceUs = 5'000'000;         // for what is being sent when the gateway stops
inline constexpr size_t kPemBytesMax = 64 << 10;           // one certificate or key file
inline constexpr size_t kMailAddressBytesMax = 254;        // RFC 5321 4.5.3.1
inline constexpr size_t kMailBytesMax = 10 << 20;          // one mail that comes in, as the server has it
inline constexpr size_t kMailTextBytesMax = 64 << 10;      // of its texts together
inline constexpr int kMailPartsMax = 64;                   // of one mail, at all depths
inline constexpr int kMailDepthMax = 8;                    // parts within parts
inline constexpr int kMailAboutMax = 16;                  // ids of our messages that its header names
inline constexpr size_t kMailsPerLook = 64;                // taken from a mailbox before its server is asked again
inline constexpr int64_t kMailPollUs = 15'000'000;         // between two looks, where the configuration does not say
inline constexpr int64_t kMailOpenUsMax = 20'000'000;      // to open one mail
inline constexpr size_t kOpenerMemoryBytesMax = 512 << 20; // of the process that opens one
inline constexpr int kMailLooksMax = 1000;                 // at a mail that cannot be handled for trouble; then it is set aside
inline constexpr size_t kMailRefusalsPerHourMax = 20;      // told to one sender; what more it sends wrong is set aside in silence

}  // namespace schotvrij::limits
