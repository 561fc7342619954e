#include "gateway/cli/cli.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "gateway/cli/approval_command.h"
#include "gateway/cli/audit_command.h"
#include "gateway/cli/backup_command.h"
#include "gateway/cli/breach_command.h"
#include "gateway/cli/completion.h"
#include "gateway/cli/day_sheet.h"
#include "gateway/cli/demo_command.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/format_releases.h"
#include "gateway/cli/format_tools.h"
#include "gateway/cli/hold_command.h"
#include "gateway/cli/init.h"
#include "gateway/cli/mailbox.h"
#include "gateway/cli/participant_check.h"
#include "gateway/cli/participant_command.h"
#include "gateway/cli/participant_view.h"
#include "gateway/cli/policy_command.h"
#include "gateway/cli/release.h"
#include "gateway/cli/reload_command.h"
#include "gateway/cli/report.h"
#include "gateway/cli/seed_command.h"
#include "gateway/cli/serve_command.h"
#include "gateway/cli/submit.h"
#include "gateway/transport/runtime/system.h"

namespace schotvrij::cli {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 good, 1 the message is at fault, 2 wrong use, 3 the system failed.";

// A command's options live as long as its callback; the chosen command leaves its exit code.
class Program {
 public:
  Program() : app_("Schotvrij: the gateway between the laws of Dutch care.", "schotvrij") {
    app_.require_subcommand(1);
    app_.footer(kExitCodes);
    AddInit();
    AddServe();
    AddReload();
    AddBackup();
    AddSubmit();
    AddMailbox();
    AddDaySheet();
    AddDemo();
    AddParticipant();
    AddPolicy();
    AddAudit();
    AddHold();
    AddBreach();
    AddSeed();
    AddApproval();
    AddFormatTools();
    AddVersion();
    AddCompletion();
  }

  int Run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error, std::cout, std::cerr) == 0 ? kGood : kWrongUse;
    }
    return command_();
  }

 private:
  CLI::App* Add(const std::string& name, const std::string& description, std::function<int()> run) {
    return AddTo(&app_, name, description, std::move(run));
  }

  CLI::App* AddTo(CLI::App* parent, const std::string& name, const std::string& description,
                  std::function<int()> run) {
    CLI::App* command = parent->add_subcommand(name, description);
    command->callback([this, run = std::move(run)] { command_ = run; });
    return command;
  }

  static void AddHome(CLI::App* command, std::string* home) {
    command->add_option("--home", *home, "directory that `schotvrij init` made")->required();
  }

  void AddInit() {
    auto options = std::make_shared<InitOptions>();
    CLI::App* command =
        Add("init", "Make a complete development home: configuration, certificates, keys, enrolment.", [options] {
          runtime::SystemRandom random;
          absl::StatusOr<MadeHome> made = MakeHome(*options, random, runtime::SystemClock());
          if (made.ok()) {
            std::cout << Describe(*made);
            return kGood;
          }
          std::cerr << "schotvrij: " << made.status().message() << '\n';
          return absl::IsUnavailable(made.status()) || absl::IsInternal(made.status()) ? kSystemFailed : kWrongUse;
        });
    command->add_option("DIR", options->directory, "where; must not exist or be empty")->required();
    command->add_option("--network", options->network, "network whose document to start with")->capture_default_str();
    command->add_option("--https-port", options->https_port, "port of the FHIR listener; 0: a free one")->capture_default_str();
    command->add_option("--grpc-port", options->grpc_port, "port of the gRPC listener; 0: a free one")->capture_default_str();
    command->add_option("--admin-port", options->admin_port, "port of the admin listener; 0: a free one")->capture_default_str();
    command->add_option("--smtp", options->smtp_url,
                        "smtp://HOST:PORT or smtps://HOST:PORT: the municipality is then reached by secure mail");
    command->add_option("--smtp-ca", options->smtp_ca_file, "PEM of the CA that vouches for the mail server");
  }

  void AddServe() {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* command = Add("serve", "Run the gateway. SIGHUP reloads policy and enrolment; SIGTERM stops, a second one at once.",
                            [options] { return RunServe(*options, std::cout, std::cerr); });
    AddHome(command, &options->home);
    command->add_option("--grace", options->grace_seconds, "seconds that requests begun before SIGTERM may still take")
        ->check(CLI::Range(0, 3600))
        ->capture_default_str();
    command->footer("Prints `ready` once it listens; logs a JSON line per event on standard error. As a service of systemd it\n"
                    "keeps its watchdog (WatchdogSec=) and takes sockets named https, grpc and admin (FileDescriptorName=).\n" +
                    std::string(kExitCodes));
  }

  void AddReload() {
    auto home = std::make_shared<std::string>();
    CLI::App* command = Add("reload", "Ask the running gateway to read policy and enrolment again: all of it or nothing.",
                            [home] { return RunReload(*home, std::cout, std::cerr); });
    AddHome(command, home.get());
  }

  void AddBackup() {
    auto backup = std::make_shared<BackupOptions>();
    CLI::App* command = Add("backup", "Back up a home, while its gateway runs or not.",
                            [backup] { return RunBackup(*backup, std::cout, std::cerr); });
    command->add_option("DIR", backup->folder, "folder to make; it is there once the backup is whole")->required();
    AddHome(command, &backup->home);
    command->add_option("--part", backup->part, "data: all but the keys; keys; or all, which opens whatever is in it")
        ->check(CLI::IsMember({"data", "keys", "all"}))
        ->capture_default_str();
    auto restore = std::make_shared<RestoreOptions>();
    command = Add("restore", "Make a home from backups, and check it.",
                  [restore] { return RunRestore(*restore, std::cout, std::cerr); });
    command->add_option("DIR", restore->folders, "backups that together make a home: of the data and of the keys, or of all")
        ->required();
    command->add_option("--home", restore->home, "folder to make; must not exist")->required();
  }

  void AddSubmit() {
    auto options = std::make_shared<SubmitOptions>();
    CLI::App* command = Add("submit", "Send FHIR messages to a gateway as one of the home's parties.",
                            [options] { return RunSubmit(*options, std::cout, std::cerr); });
    AddSubmitOptions(command, options.get());
  }

  void AddMailbox() {
    auto options = std::make_shared<MailboxOptions>();
    CLI::App* command = app_.add_subcommand("mailbox", "Look at, acknowledge and answer what a party received.");
    command->require_subcommand(1);
    AddMailboxOptions(command, options.get(), [this, options](std::function<int()> run) {
      command_ = [options, run = std::move(run)] { return run(); };
    });
  }

  void AddDaySheet() {
    auto options = std::make_shared<DaySheetOptions>();
    CLI::App* command = Add("day-sheet", "Count what a party sent and was sent on a day, and list what is missing.",
                            [options] { return RunDaySheet(*options, std::cout, std::cerr); });
    AddDaySheetOptions(command, options.get());
  }

  void AddDemo() {
    auto options = std::make_shared<DemoOptions>();
    CLI::App* command = Add("demo", "Play the Ede registration from start to end.",
                            [options] { return RunDemo(*options, std::cout, std::cerr); });
    command->add_option("--keep", options->keep, "make the home here and leave it");
  }

  void AddParticipant() {
    CLI::App* participant = app_.add_subcommand("participant", "Who takes part: the enrolment of a home.");
    participant->require_subcommand(1);
    AddParticipantViews(participant);
    using Edit = int (*)(const ParticipantEditOptions&, std::ostream&, std::ostream&);
    auto add = [&](const char* name, const char* description, Edit run, bool of_key) {
      auto options = std::make_shared<ParticipantEditOptions>();
      CLI::App* command = AddTo(participant, name, description, [options, run] { return run(*options, std::cout, std::cerr); });
      if (of_key) command->add_option("KEY", options->key, "key of the participant")->required();
      AddHome(command, &options->home);
      command->add_flag("--no-reload", options->no_reload, "change the file only; a running gateway is not told");
      return std::pair(command, options);
    };
    auto [added, add_options] = add("add", "Enrol a participant.", RunParticipantAdd, false);
    added->add_option("FILE", add_options->file, "holds one participant { ... }; - is standard input")->required();
    add("suspend", "Keep a participant out: nobody speaks for it, nothing is sent to it, what is for it waits.",
        RunParticipantSuspend, true);
    add("resume", "Let a suspended participant in again.", RunParticipantResume, true);
    auto [rotated, rotate_options] =
        add("rotate", "Take a new certificate beside the old one, or retire an old one.", RunParticipantRotate, true);
    rotated->add_option("--certificate", rotate_options->certificate, "PEM of a client certificate that proves it too");
    rotated->add_option("--staff", rotate_options->staff,
                        "with --certificate: key of the staff, in the network's document, whose it is; otherwise the organisation's system's")
        ->needs("--certificate");
    rotated->add_option("--mail-certificate", rotate_options->mail_certificate,
                        "PEM of its new S/MIME certificate; copied into the home");
    rotated->add_option("--retire", rotate_options->retire, "SHA-256 fingerprint of a certificate that proves it no more");
    auto [replaced, replace_options] =
        add("replace", "Put another block in the place of a participant's.", RunParticipantReplace, true);
    replaced->add_option("FILE", replace_options->file, "holds one participant { ... } of that key; - is standard input")
        ->required();
    auto [removed, remove_options] =
        add("remove", "Remove a participant that is no member of a network any more, and list what it leaves behind.", RunParticipantRemove, true);
    removed->add_flag("--force", remove_options->force, "though a network names it today or later");
  }

  void AddParticipantViews(CLI::App* participant) {
    auto list = std::make_shared<ParticipantViewOptions>();
    CLI::App* command = AddTo(participant, "list", "A line per participant: roles today, route, state, first certificate to expire.",
                              [list] { return RunParticipantList(*list, std::cout, std::cerr); });
    AddHome(command, &list->home);
    command->add_flag("--json", list->json, "for programs");
    auto show = std::make_shared<ParticipantViewOptions>();
    command = AddTo(participant, "show", "All that is known of a participant, and where it stands in the file.",
                    [show] { return RunParticipantShow(*show, std::cout, std::cerr); });
    command->add_option("KEY", show->key, "key of the participant")->required();
    AddHome(command, &show->home);
    command->add_flag("--json", show->json, "for programs");
    auto check = std::make_shared<ParticipantCheckOptions>();
    command = AddTo(participant, "check",
                    "A checklist: what a participant needs before anything flows. Ends with 1 when something is missing.",
                    [check] { return RunParticipantCheck(*check, std::cout, std::cerr); });
    command->add_option("KEY", check->key, "key of the participant")->required();
    AddHome(command, &check->home);
    command->add_option("--certificate", check->certificate, "PEM: would this client certificate be taken for it?");
    command->add_flag("--round-trip", check->round_trip,
                      "send it a test message, with no person in it, unless one is under way or came back; by the running gateway");
    command->add_option("--heard", check->heard, "number of the test message by mail, as its contact told it");
    command->add_flag("--json", check->json, "for programs");
  }

  void AddPolicy() {
    CLI::App* policy = app_.add_subcommand("policy", "Policy documents, offline.");
    policy->require_subcommand(1);
    auto check = std::make_shared<PolicyCommandOptions>();
    CLI::App* command = AddTo(policy, "check", "Check documents: every fault with file, line, column and path.",
                              [check] { return RunPolicyCheck(*check, std::cout, std::cerr); });
    command->add_option("FILE", check->files, "policy documents; none: the built-in ones");
    command->add_option("--home", check->home, "also say which parties this home has not enrolled");
    command->add_flag("--json", check->json, "for programs");
    auto show = std::make_shared<PolicyCommandOptions>();
    command = AddTo(policy, "show", "Show who gets what, for what, on what ground.",
                    [show] { return RunPolicyShow(*show, std::cout, std::cerr); });
    command->add_option("FILE", show->files, "policy documents; none: the built-in ones");
  }

  void AddAudit() {
    CLI::App* audit = app_.add_subcommand("audit", "The audit trail.");
    audit->require_subcommand(1);
    auto options = std::make_shared<AuditVerifyOptions>();
    CLI::App* command = AddTo(audit, "verify", "Hold the audit trail against its signed checkpoints.",
                              [options] { return RunAuditVerify(*options, std::cout, std::cerr); });
    AddHome(command, &options->home);
    command->add_option("--checkpoints", options->checkpoints, "checkpoint file; default: the home's own");
    command->add_flag("--json", options->json, "for programs");
  }

  void AddHold() {
    CLI::App* hold = app_.add_subcommand("hold", "Safety holds (veiligheidsstop): for the privacy officer.");
    hold->require_subcommand(1);
    auto options = std::make_shared<HoldOptions>();
    CLI::App* list = AddTo(hold, "list", "A line per hold that stands: client, who set it, since when.",
                           [options] { return RunHoldList(*options, std::cout, std::cerr); });
    CLI::App* check = AddTo(hold, "check", "Whether one stands on the person whose BSN is the first line of standard input.",
                            [options] { return RunHoldCheck(*options, std::cin, std::cout, std::cerr); });
    for (CLI::App* command : {list, check}) {
      AddHome(command, &options->home);
      command->add_flag("--json", options->json, "for programs");
    }
  }

  void AddBreach() {
    CLI::App* breach = app_.add_subcommand("breach", "Breach records (datalekken): for the privacy officer.");
    breach->require_subcommand(1);
    auto list = std::make_shared<BreachListOptions>();
    CLI::App* command = AddTo(breach, "list", "A line per open record, with the hours left of 72. Ends with 1 when one is overdue.",
                              [list] { return RunBreachList(*list, std::cout, std::cerr); });
    AddBreachOptions(command, list.get());
    command->add_flag("--all", list->all, "closed ones as well");
    auto show = std::make_shared<BreachShowOptions>();
    command = AddTo(breach, "show", "One record, and the supervisor's form for each controller as far as it is known.",
                    [show] { return RunBreachShow(*show, std::cout, std::cerr); });
    command->add_option("ID", show->id, "id of the record")->required();
    AddBreachOptions(command, show.get());
    auto close = std::make_shared<BreachCloseOptions>();
    command = AddTo(breach, "close", "Close a record, for a reason.", [close] { return RunBreachClose(*close, std::cout, std::cerr); });
    command->add_option("ID", close->id, "id of the record")->required();
    command->add_option("--note", close->note, "why: a code of schemas/codes/breach_note.csv")->required();
    AddBreachOptions(command, close.get());
  }

  void AddSeed() {
    CLI::App* seed = app_.add_subcommand("seed", "Synthetic content for a test home.");
    seed->require_subcommand(1);
    auto options = std::make_shared<SeedOptions>();
    CLI::App* region = AddTo(seed, "region", "Fill a running test home with a synthetic year to learn with; again: nothing twice.",
                             [options] { return RunSeedRegion(*options, std::cout, std::cerr); });
    AddHome(region, &options->home);
  }

  static void AddBreachOptions(CLI::App* command, BreachOptions* options) {
    AddHome(command, &options->home);
    command->add_flag("--json", options->json, "for programs");
  }

  void AddApproval() {
    CLI::App* approval = app_.add_subcommand("approval", "Approvals of own requests, for the check.");
    approval->require_subcommand(1);
    auto options = std::make_shared<ApprovalOptions>();
    CLI::App* list = AddTo(approval, "list", "A line per approval by who had asked for it: client, network, party, role, when.",
                           [options] { return RunApprovalList(*options, std::cout, std::cerr); });
    AddHome(list, &options->home);
    list->add_flag("--json", options->json, "for programs");
  }

  void AddFormatTools() {
    auto add = [this](const char* name, const char* description,
                      int (*run)(const FormatToolOptions&, std::ostream&, std::ostream&), bool many_files) {
      auto options = std::make_shared<FormatToolOptions>();
      CLI::App* command = Add(name, description, [options, run] { return run(*options, std::cout, std::cerr); });
      CLI::Option* files = command->add_option("FILE", options->files, "message; - is standard input")->required();
      if (!many_files) files->expected(1);
      command->add_flag("--no-size-limit", options->any_size, "iwmo: read files of more than the 25 MB that the standard allows");
      return std::pair(command, options);
    };
    const char* formats = "fhir-json, fhir-xml, hl7v2, iwmo, vektis, mail or canonical";
    auto [validate, validate_options] = add("validate", "Check messages; a line per issue.", RunValidate, true);
    validate->add_option("--format,--from", validate_options->from, formats)->required();
    validate->add_option("--level", validate_options->level,
                         "iwmo: 1, the schema only; 2, the rules within the message as well (the default)")
        ->check(CLI::Range(1, 2));
    validate->add_flag("--json", validate_options->json, "for programs: a line for each file");

    auto [decode, decode_options] =
        add("decode", "Show a message as the canonical model has it (protobuf JSON), client by client.", RunDecode, false);
    decode->add_option("--format,--from", decode_options->from, formats)->required();
    AddClient(decode, decode_options.get(), "of a file of many clients show this one only, from 1");
    AddReveal(decode, decode_options.get());

    auto [translate, translate_options] =
        add("translate", "Show what a recipient would get of a message, in its own format.", RunTranslate, false);
    AddInquiry(translate, translate_options.get());
    translate->add_option("--to", translate_options->to, formats)->required();
    AddClient(translate, translate_options.get(), "of a file of many clients this one only, from 1; default: a document for each");
    AddReveal(translate, translate_options.get());

    auto [explain, explain_options] =
        add("explain", "Show field by field what is shared or withheld, by which rule, on what ground.", RunExplain, false);
    AddInquiry(explain, explain_options.get());
    AddClient(explain, explain_options.get(), "of a file of many clients this one, from 1; default: the first");
    explain->add_option("--to", explain_options->to, "accepted as for translate; the fields do not depend on it");
    explain->add_flag("--json", explain_options->json, "for programs");
  }

  static void AddClient(CLI::App* command, FormatToolOptions* options, const char* description) {
    command->add_option("--client", options->client, description)->check(CLI::PositiveNumber);
  }

  static void AddReveal(CLI::App* command, FormatToolOptions* options) {
    command->add_flag("--reveal", options->reveal, "show personal data; otherwise it is masked");
  }

  static void AddInquiry(CLI::App* command, FormatToolOptions* options) {
    command->add_option("--from", options->from, "format of the message")->required();
    command->add_option("--network", options->network, "key of the network")->required();
    command->add_option("--purpose", options->purpose, "what for: registration, receipts, …")->required();
    command->add_option("--to-role", options->to_role, "role of the recipient")->required();
    command->add_option("--from-role", options->from_role, "role of the sender; default: the one the rules let send this");
    command->add_option("--on", options->on, "day to judge by, YYYY-MM-DD; default: today");
    command->add_option("--policy", options->policy_files, "policy documents; default: the built-in ones");
    command->add_flag("--assume-consent", options->assume_consent, "offline only: decide as if the client had consented");
  }

  void AddVersion() {
    struct Options {
      bool json = false, formats = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = Add("version", "Which release this is.", [options] {
      if (options->json) {
        std::cout << "{\"release\":" << JsonString(kRelease) << ",\"published\":" << JsonString(kPublishedOn);
        if (options->formats) PrintFormatReleasesJson(std::cout << ",\"formats\":");
        std::cout << "}\n";
      } else {
        std::cout << "schotvrij " << kRelease << " (" << kPublishedOn << ")\n";
        if (options->formats) PrintFormatReleases(std::cout);
      }
      return kGood;
    });
    command->add_flag("--formats", options->formats, "and of each format its release, source, and what of it is derived");
    command->add_flag("--json", options->json, "for programs");
  }

  void AddCompletion() {
    auto shell = std::make_shared<std::string>("bash");
    CLI::App* command = Add("completion", "Print a completion script: source <(schotvrij completion bash)", [this, shell] {
      WriteBashCompletion(app_, std::cout);
      return kGood;
    });
    command->add_option("SHELL", *shell, "bash")->check(CLI::IsMember({"bash"}));
  }

  CLI::App app_;
  std::function<int()> command_;
};

}  // namespace

int Run(int argc, char** argv) { return Program().Run(argc, argv); }

}  // namespace schotvrij::cli
