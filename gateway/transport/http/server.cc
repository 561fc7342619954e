#include "gateway/transport/http/server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/transport/http/head_check.h"
#include "gateway/transport/http/tls.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using Steady = std::chrono::steady_clock;
using Error = boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;
using TlsStream = beast::ssl_stream<Socket>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr size_t kReadBytes = 8 << 10;
constexpr Steady::time_point kNever = Steady::time_point::max();

// What goes on the wire: a partner's Response or an operator's text, viewed the same way.
using AnyResponse = std::variant<Response, AdminResponse>;

struct View {
  int status = 0;
  std::string_view bytes;
  std::string_view media_type;
  const std::vector<Field>* fields = nullptr;
};

View ViewOf(const Response& response) {
  return std::visit(
      [&](const auto& body) {
        return View{response.status, body.bytes(), body.media_type(), &response.fields};
      },
      response.body);
}
View ViewOf(const AdminResponse& response) {
  return View{response.status, response.text, response.media_type, &response.fields};
}

class Connection;

// One thread with the connections it serves; nothing in it is touched by another thread except by
// asio::post. Only the server owns it: connections live in its context and hold a plain reference.
struct Loop : std::enable_shared_from_this<Loop> {
  std::unordered_set<Connection*> connections;
  int64_t date_s = 0;
  std::string date;
  asio::io_context context{1};
  asio::steady_timer ticker{context};
};

// What the loop asks of a connection, whatever it runs on.
class Connection {
 public:
  virtual ~Connection() = default;
  // Acts on the deadline when it has passed.
  virtual void Tick(Steady::time_point now) = 0;
  // Closes now when idle, else after the answer under way.
  virtual void Drain() = 0;
  virtual void Abort() = 0;
  virtual void OnAnswer(uint64_t ticket, std::optional<AnyResponse> response) = 0;
};

// The way back from a handler, on any thread, to the connection that waits; late, double or after
// the end it does nothing.
class Ticket {
 public:
  Ticket(std::weak_ptr<Loop> loop, std::weak_ptr<Connection> connection, uint64_t number)
      : loop_(std::move(loop)), connection_(std::move(connection)), number_(number), armed_(true) {}
  Ticket(Ticket&& other) noexcept
      : loop_(std::move(other.loop_)),
        connection_(std::move(other.connection_)),
        number_(other.number_),
        armed_(std::exchange(other.armed_, false)) {}
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket() { Deliver(std::nullopt); }

  void operator()(AnyResponse response) { Deliver(std::move(response)); }

 private:
  void Deliver(std::optional<AnyResponse> response) {
    if (!std::exchange(armed_, false)) return;
    std::shared_ptr<Loop> loop = loop_.lock();
    if (loop == nullptr) return;
    asio::post(loop->context, [connection = connection_, number = number_,
                               response = std::move(response)]() mutable {
      if (auto live = connection.lock()) live->OnAnswer(number, std::move(response));
    });
  }

  std::weak_ptr<Loop> loop_;
  std::weak_ptr<Connection> connection_;
  uint64_t number_;
  bool armed_;
};

// What all connections of one listener share.
struct Service {
  Bounds bounds;
  const Clock* clock = nullptr;
  absl::AnyInvocable<void(Request, Ticket) const> handle;
  absl::AnyInvocable<AnyResponse(Refusal, const identity::Caller&) const> refuse;
  std::function<std::shared_ptr<const identity::Enrolment>()>
      enrolment;  // empty: no TLS, no callers
  identity::CertificateSeen seen;
  std::optional<asio::ssl::context> tls;
  std::atomic<bool> draining = false;  // set before any connection is told

  std::array<std::atomic<int64_t>, kEvents> events{};
  absl::Mutex mutex;
  size_t live ABSL_GUARDED_BY(mutex) = 0;
  std::map<std::string, size_t> live_of_peer ABSL_GUARDED_BY(mutex);

  void Count(Event event) {
    events[static_cast<size_t>(event)].fetch_add(1, std::memory_order_relaxed);
  }

  bool Enter() {
    absl::MutexLock lock(&mutex);
    if (live >= bounds.connections_max) return false;
    ++live;
    return true;
  }
  void Leave() {
    absl::MutexLock lock(&mutex);
    --live;
  }
  bool EnterPeer(const std::string& fingerprint) {
    absl::MutexLock lock(&mutex);
    return ++live_of_peer[fingerprint] <= bounds.connections_per_peer_max;
  }
  void LeavePeer(const std::string& fingerprint) {
    absl::MutexLock lock(&mutex);
    auto found = live_of_peer.find(fingerprint);
    if (found != live_of_peer.end() && --found->second == 0) live_of_peer.erase(found);
  }
  bool AllGone() ABSL_SHARED_LOCKS_REQUIRED(mutex) { return live == 0; }
};

const std::string& DateField(Loop& loop, const Clock& clock) {
  int64_t now_s = clock.Now().us / 1'000'000;
  if (now_s != loop.date_s) {
    loop.date_s = now_s;
    loop.date = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromUnixSeconds(now_s),
                                 absl::UTCTimeZone());
  }
  return loop.date;
}

Request ToRequest(const wire::request<wire::string_body>& head) {
  Request request;
  request.method = std::string(head.method_string());
  std::string_view target(head.target().data(), head.target().size());
  size_t mark = target.find('?');
  request.path = std::string(target.substr(0, mark));
  if (mark != std::string_view::npos) request.query = std::string(target.substr(mark + 1));
  for (const auto& field : head) {
    request.fields.push_back(
        {absl::AsciiStrToLower({field.name_string().data(), field.name_string().size()}),
         std::string(field.value())});
  }
  return request;
}

// One connection, from handshake to close. Stream is Socket or TlsStream.
template <typename Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <typename... Args>
  Session(Loop& loop, std::shared_ptr<Service> service, Args&&... args)
      : loop_(loop),
        service_(std::move(service)),
        stream_(std::forward<Args>(args)...),
        buffer_(service_->bounds.head_bytes_max + kReadBytes),
        answered_(loop_.context, kNever) {
    loop_.connections.insert(this);
  }
  ~Session() override {
    if (!certificate_.sha256.empty()) service_->LeavePeer(certificate_.sha256);
    loop_.connections.erase(this);
    service_->Leave();
  }

  static asio::awaitable<void> Run(std::shared_ptr<Session> self) {
    bool open = co_await self->Open();
    while (open) open = co_await self->Serve();
    co_await self->Close();
  }

  void Tick(Steady::time_point now) override {
    if (now < deadline_) return;
    if (phase_ == Phase::kReading) {
      late_ = true;
      Error ignored;
      // At each tick until the read gave way: one that had just ended is out of reach, and is followed by another.
      socket().cancel(ignored);
      return;
    }
    deadline_ = kNever;
    if (phase_ == Phase::kAnswering) {
      answered_.cancel();
    } else {
      if (phase_ != Phase::kClosing) service_->Count(Event::kCutOff);
      Abort();
    }
  }

  void Drain() override {
    if (phase_ == Phase::kIdle || phase_ == Phase::kOpening) Abort();
  }

  void Abort() override {
    Error ignored;
    socket().close(ignored);
    answered_.cancel();
  }

  void OnAnswer(uint64_t ticket, std::optional<AnyResponse> response) override {
    if (ticket != ticket_ || phase_ != Phase::kAnswering) return;
    answer_ = response ? std::move(*response) : RefusalOf(Refusal::kFailed);
    answered_.cancel();
  }

 private:
  enum class Phase { kOpening, kIdle, kReading, kAnswering, kWriting, kClosing };

  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  Socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void Enter(Phase phase, int64_t us_max) {
    phase_ = phase;
    deadline_ = Steady::now() + std::chrono::microseconds(us_max);
  }

  asio::awaitable<bool> Open() {
    if constexpr (kTls) {
      Enter(Phase::kOpening, service_->bounds.request_read_us_max);
      auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
      if (error) {
        service_->Count(Event::kTlsRefused);
        co_return false;
      }
      auto certificate = identity::ReadCertificate(PeerCertificate(stream_.native_handle()));
      if (certificate.ok()) {
        certificate_ = *std::move(certificate);
        crowded_ = !service_->EnterPeer(certificate_.sha256);
      }
    }
    opened_ = true;
    co_return true;
  }

  // Whether the enrolment in force knows the certificate; asked once per request, looked up once
  // per enrolment.
  bool Identified() {
    if (!service_->enrolment) return true;
    std::shared_ptr<const identity::Enrolment> enrolment = service_->enrolment();
    if (enrolment != enrolment_) {
      enrolment_ = std::move(enrolment);
      caller_ = enrolment_ == nullptr || certificate_.sha256.empty()
                    ? absl::UnauthenticatedError("")
                    : enrolment_->Identify(certificate_);
      if (caller_.ok() && service_->seen != nullptr) service_->seen(*caller_, certificate_);
    }
    return caller_.ok();
  }

  // One request and its answer. False: the connection is done.
  asio::awaitable<bool> Serve() {
    if (service_->draining || !socket().is_open()) co_return false;
    if (buffer_.size() == 0) {
      Enter(Phase::kIdle, service_->bounds.idle_us_max);
      bool more = co_await ReadSome();
      if (!more) co_return false;
    }
    late_ = false;
    Enter(Phase::kReading, service_->bounds.request_read_us_max);
    if (!Identified()) co_return co_await RefuseUnknown();
    if (crowded_) co_return co_await Refuse(Refusal::kBusy);

    size_t scanned = 0;
    HeadEnd end = FindHeadEnd(Buffered());
    while (end.size == 0 && !end.bad && buffer_.size() <= service_->bounds.head_bytes_max) {
      scanned = buffer_.size();
      bool more = co_await ReadSome();
      if (!more) co_return co_await GiveUp();
      end = FindHeadEnd(Buffered(), scanned);
    }
    if (end.bad) co_return co_await Refuse(Refusal::kMalformed);
    if (end.size == 0 || end.size > service_->bounds.head_bytes_max)
      co_return co_await Refuse(Refusal::kHeadTooLarge);
    HeadFault fault = CheckHead(Buffered().substr(0, end.size));
    if (fault == HeadFault::kExpectation) co_return co_await Refuse(Refusal::kExpectation);
    if (fault != HeadFault::kNone) co_return co_await Refuse(Refusal::kMalformed);
    co_return co_await ServeBody();
  }

  asio::awaitable<bool> ServeBody() {
    wire::request_parser<wire::string_body> parser;
    parser.header_limit(static_cast<uint32_t>(service_->bounds.head_bytes_max));
    parser.body_limit(service_->bounds.body_bytes_max);
    auto [head_error, head_size] =
        co_await wire::async_read_header(stream_, buffer_, parser, kAwait);
    if (head_error) co_return co_await RefuseRead(head_error);
    Request request = ToRequest(parser.get());
    bool keep = parser.get().keep_alive();

    if (!parser.is_done() && !request.Header("expect").empty()) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      auto [error, size] = co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait);
      if (error) co_return false;
    }
    if (!parser.is_done()) {
      auto [error, size] = co_await wire::async_read(stream_, buffer_, parser, kAwait);
      if (error) co_return co_await RefuseRead(error);
    }
    request.body = std::move(parser.get().body());
    if (kTls) request.caller = *caller_;
    co_return co_await Answer(std::move(request), keep);
  }

  asio::awaitable<bool> Answer(Request request, bool keep) {
    bool head_only = request.method == "HEAD";
    Enter(Phase::kAnswering, service_->bounds.answer_us_max);
    answer_.reset();
    service_->handle(std::move(request),
                     Ticket(loop_.weak_from_this(), this->weak_from_this(), ++ticket_));
    if (!socket().is_open()) co_return false;
    co_await answered_.async_wait(kAwait);
    if (!socket().is_open()) co_return false;
    if (!answer_) co_return co_await Refuse(Refusal::kBusy);
    service_->Count(Event::kAnswered);
    keep = keep && !service_->draining;
    bool written = co_await Write(head_only, keep);
    co_return written&& keep;
  }

  // Reads whatever comes next into the buffer. False: end, error or too late.
  asio::awaitable<bool> ReadSome() {
    auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kAwait);
    buffer_.commit(size);
    co_return !error && !late_;
  }

  std::string_view Buffered() const {
    return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  }

  asio::awaitable<bool> GiveUp() {
    if (late_) co_return co_await Refuse(Refusal::kSlow);
    service_->Count(Event::kCutOff);
    co_return false;
  }

  asio::awaitable<bool> RefuseRead(Error error) {
    bool cut = error == wire::error::partial_message || error == wire::error::end_of_stream ||
               error.category() != make_error_code(wire::error::bad_method).category();
    if (late_ || cut) co_return co_await GiveUp();
    if (error == wire::error::body_limit) co_return co_await Refuse(Refusal::kBodyTooLarge);
    // Trailer fields are bounded by the buffer: the parser's own limit is for the head.
    if (error == wire::error::header_limit || error == wire::error::buffer_overflow)
      co_return co_await Refuse(Refusal::kHeadTooLarge);
    co_return co_await Refuse(Refusal::kMalformed);
  }

  AnyResponse RefusalOf(Refusal refusal) const {
    return service_->refuse(refusal, caller_.ok() ? *caller_ : identity::Caller());
  }

  asio::awaitable<bool> Refuse(Refusal refusal) {
    service_->Count(Event::kRefused);
    answer_ = RefusalOf(refusal);
    co_await Write(/*head_only=*/false, /*keep=*/false);
    co_return false;
  }

  // Nothing else than the status: who is not enrolled learns nothing.
  asio::awaitable<bool> RefuseUnknown() {
    service_->Count(Event::kNotEnrolled);
    answer_ = AdminResponse{401, "", "", {}};
    co_await Write(/*head_only=*/false, /*keep=*/false);
    co_return false;
  }

  template <typename Body>
  void SetFields(wire::response<Body>& response, const View& view, bool keep) {
    response.result(static_cast<unsigned>(view.status));
    response.set(wire::field::date, DateField(loop_, *service_->clock));
    if (!view.bytes.empty())
      response.set(wire::field::content_type,
                   beast::string_view(view.media_type.data(), view.media_type.size()));
    for (const Field& field : *view.fields) response.insert(field.name, field.value);
    response.content_length(view.bytes.size());
    response.keep_alive(keep);
  }

  asio::awaitable<bool> Write(bool head_only, bool keep) {
    Enter(Phase::kWriting, service_->bounds.request_read_us_max);
    View view = std::visit([](const auto& response) { return ViewOf(response); }, *answer_);
    Error failure;
    if (head_only) {
      wire::response<wire::empty_body> response;
      SetFields(response, view, keep);
      auto [error, size] = co_await wire::async_write(stream_, response, kAwait);
      failure = error;
    } else {
      wire::response<wire::span_body<const char>> response;
      SetFields(response, view, keep);
      response.body() = {view.bytes.data(), view.bytes.size()};
      auto [error, size] = co_await wire::async_write(stream_, response, kAwait);
      failure = error;
    }
    answer_.reset();
    co_return !failure;
  }

  // Says goodbye, and reads off what is still on its way: a reset would take the answer with it.
  asio::awaitable<void> Close() {
    Enter(Phase::kClosing, service_->bounds.linger_us_max);
    Error ignored;
    if (socket().is_open()) {
      if constexpr (kTls) {
        if (opened_) co_await stream_.async_shutdown(kAwait);
      }
      socket().shutdown(Socket::shutdown_send, ignored);
      std::array<char, 4096> dropped;
      while (socket().is_open()) {
        auto [error, size] = co_await socket().async_read_some(asio::buffer(dropped), kAwait);
        if (error) break;
      }
    }
    socket().close(ignored);
  }

  Loop& loop_;
  std::shared_ptr<Service> service_;
  Stream stream_;
  beast::flat_buffer buffer_;

  Phase phase_ = Phase::kOpening;
  Steady::time_point deadline_ = kNever;
  bool late_ = false;
  bool opened_ = false;
  bool crowded_ = false;

  identity::PeerCertificate certificate_;
  std::shared_ptr<const identity::Enrolment> enrolment_;
  absl::StatusOr<identity::Caller> caller_ = absl::UnauthenticatedError("");

  uint64_t ticket_ = 0;
  std::optional<AnyResponse> answer_;
  asio::steady_timer answered_;
};

void Start(Loop& loop, const std::shared_ptr<Service>& service, Socket socket) {
  auto run = [&](auto session) {
    using Type = typename decltype(session)::element_type;
    if (service->draining) return;
    asio::co_spawn(loop.context, Type::Run(std::move(session)), asio::detached);
  };
  if (service->tls) {
    run(std::make_shared<Session<TlsStream>>(loop, service, std::move(socket), *service->tls));
  } else {
    run(std::make_shared<Session<Socket>>(loop, service, std::move(socket)));
  }
}

absl::StatusOr<asio::ip::tcp::endpoint> ParseAddress(const std::string& address) {
  auto bad = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("listener address ", address,
                     ": give an IP address and a port, as 127.0.0.1:8443 or [::]:8443"));
  };
  size_t colon = address.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      port > 65535)
    return bad();
  std::string host = address.substr(0, colon);
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  Error error;
  asio::ip::address ip = asio::ip::make_address(host, error);
  if (error || ip.is_v6() != bracketed) return bad();
  return asio::ip::tcp::endpoint(ip, static_cast<uint16_t>(port));
}

// Takes away the socket file of a process that is gone.
absl::Status ClearSocketFile(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) return absl::OkStatus();
  if (!S_ISSOCK(info.st_mode))
    return absl::InvalidArgumentError(absl::StrCat(path, " is there and is no socket"));
  asio::io_context context;
  asio::local::stream_protocol::socket probe(context);
  Error error;
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  if (!error) return absl::UnavailableError(absl::StrCat(path, " is in use by another process"));
  ::unlink(path.c_str());
  return absl::OkStatus();
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, std::shared_ptr<Service> service)
      : options_(std::move(options)), service_(std::move(service)) {
    service_->bounds = options_.bounds;
    service_->clock = options_.clock;
    for (int i = 0; i < std::max(1, options_.threads); ++i)
      loops_.push_back(std::make_shared<Loop>());
  }

  absl::Status BindTcp(const asio::ip::tcp::endpoint& endpoint) {
    auto acceptor = std::make_shared<asio::ip::tcp::acceptor>(loops_[0]->context);
    Error error;
    acceptor->open(endpoint.protocol(), error);
    if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor->bind(endpoint, error);
    if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) return CannotBind(error);
    port_ = acceptor->local_endpoint().port();
    Begin(std::move(acceptor));
    return absl::OkStatus();
  }

  absl::Status BindUnix(const std::string& path) {
    constexpr size_t kPathBytesMax = 107;  // sockaddr_un
    if (path.empty() || path.size() > kPathBytesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("unix socket path of ", path.size(), " bytes"));
    }
    RETURN_IF_ERROR(ClearSocketFile(path));
    auto acceptor = std::make_shared<asio::local::stream_protocol::acceptor>(loops_[0]->context);
    Error error;
    acceptor->open(asio::local::stream_protocol(), error);
    if (!error) acceptor->bind(asio::local::stream_protocol::endpoint(path), error);
    if (error) return CannotBind(error);
    socket_file_ = path;
    // Before listen(): nobody connects to it with wider rights.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
      return absl::UnavailableError(absl::StrCat("cannot close off ", path));
    acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) return CannotBind(error);
    Begin(std::move(acceptor));
    return absl::OkStatus();
  }

  // `local`: nobody from outside may reach it.
  absl::Status Adopt(int fd, bool local) {
    sockaddr_storage bound = {};
    socklen_t size = sizeof bound;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
      return absl::InvalidArgumentError("what was handed over is no socket");
    }
    if (bound.ss_family == AF_UNIX && local) {
      return Take(std::make_shared<asio::local::stream_protocol::acceptor>(loops_[0]->context),
                  asio::local::stream_protocol(), fd);
    }
    auto acceptor = std::make_shared<asio::ip::tcp::acceptor>(loops_[0]->context);
    if (bound.ss_family != AF_INET && bound.ss_family != AF_INET6) {
      return absl::InvalidArgumentError("the socket handed over is of another family than this listener");
    }
    return Take(std::move(acceptor), bound.ss_family == AF_INET ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), fd,
                local);
  }

  uint16_t port() const { return port_; }
  int64_t Count(Event event) const {
    return service_->events[static_cast<size_t>(event)].load(std::memory_order_relaxed);
  }

  void Shutdown(int64_t grace_us) {
    if (std::exchange(down_, true)) return;
    service_->draining = true;
    if (close_acceptor_) asio::post(loops_[0]->context, close_acceptor_);
    ForEachConnection([](Connection& connection) { connection.Drain(); });
    if (!AwaitAllGone(hurried_ ? 0 : grace_us)) {
      constexpr int64_t kAbortUs = 1'000'000;
      ForEachConnection([](Connection& connection) { connection.Abort(); });
      AwaitAllGone(kAbortUs);
    }
    for (const std::shared_ptr<Loop>& loop : loops_) loop->context.stop();
    for (std::thread& thread : threads_) thread.join();
    if (!socket_file_.empty()) ::unlink(socket_file_.c_str());
  }

  void Hurry() {
    hurried_ = true;
    ForEachConnection([](Connection& connection) { connection.Abort(); });
  }

 private:
  template <typename Acceptor>
  absl::Status Take(std::shared_ptr<Acceptor> acceptor, typename Acceptor::protocol_type protocol, int fd,
                    bool loopback_only = false) {
    Error error;
    acceptor->assign(protocol, fd, error);
    if (error) return CannotBind(error);
    if constexpr (std::is_same_v<Acceptor, asio::ip::tcp::acceptor>) {
      const asio::ip::tcp::endpoint bound = acceptor->local_endpoint();
      if (loopback_only && !bound.address().is_loopback()) {
        return absl::InvalidArgumentError("the socket handed over for the operator is not loopback");
      }
      port_ = bound.port();
    }
    Begin(std::move(acceptor));
    return absl::OkStatus();
  }

  absl::Status CannotBind(const Error& error) const {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options_.address, ": ", error.message()));
  }

  template <typename Acceptor>
  void Begin(std::shared_ptr<Acceptor> acceptor) {
    close_acceptor_ = [acceptor] {
      Error ignored;
      acceptor->close(ignored);
    };
    std::vector<Loop*> loops;
    for (const std::shared_ptr<Loop>& loop : loops_) loops.push_back(loop.get());
    asio::co_spawn(loops_[0]->context, Accept(std::move(acceptor), std::move(loops), service_),
                   asio::detached);
    for (const std::shared_ptr<Loop>& loop : loops_) {
      asio::co_spawn(loop->context, TickForEver(*loop, TickUs(options_.bounds)), asio::detached);
      threads_.emplace_back([loop] { loop->context.run(); });
    }
  }

  // Fine enough for the smallest bound, and never busier than needed.
  static int64_t TickUs(const Bounds& bounds) {
    int64_t smallest = std::min({bounds.request_read_us_max, bounds.idle_us_max,
                                 bounds.answer_us_max, bounds.linger_us_max});
    return std::clamp<int64_t>(smallest / 8, 1'000, 100'000);
  }

  static asio::awaitable<void> TickForEver(Loop& loop, int64_t tick_us) {
    for (;;) {
      loop.ticker.expires_after(std::chrono::microseconds(tick_us));
      auto [error] = co_await loop.ticker.async_wait(kAwait);
      if (error) co_return;
      Steady::time_point now = Steady::now();
      for (Connection* connection : loop.connections) connection->Tick(now);
    }
  }

  template <typename Acceptor>
  static asio::awaitable<void> Accept(std::shared_ptr<Acceptor> acceptor, std::vector<Loop*> loops,
                                      std::shared_ptr<Service> service) {
    asio::steady_timer pause(loops[0]->context);
    for (size_t next = 0; acceptor->is_open(); ++next) {
      Loop* loop = loops[next % loops.size()];
      auto [error, socket] = co_await acceptor->async_accept(loop->context, kAwait);
      if (!acceptor->is_open()) break;
      if (error) {
        // Out of descriptors, or the peer went: without a pause this would spin.
        constexpr std::chrono::milliseconds kPause(20);
        pause.expires_after(kPause);
        co_await pause.async_wait(kAwait);
        continue;
      }
      service->Count(Event::kAccepted);
      if (!service->Enter()) {
        service->Count(Event::kOverCapacity);
        continue;
      }
      Error ignored;
      if constexpr (std::is_same_v<Acceptor, asio::ip::tcp::acceptor>) {
        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
      }
      asio::post(loop->context, [loop, service, socket = Socket(std::move(socket))]() mutable {
        Start(*loop, service, std::move(socket));
      });
    }
  }

  template <typename Visit>
  void ForEachConnection(Visit visit) {
    for (const std::shared_ptr<Loop>& loop : loops_) {
      asio::post(loop->context, [loop = loop.get(), visit] {
        for (Connection* connection : loop->connections) visit(*connection);
      });
    }
  }

  bool AwaitAllGone(int64_t us_max) {
    absl::MutexLock lock(&service_->mutex);
    return service_->mutex.AwaitWithTimeout(absl::Condition(service_.get(), &Service::AllGone),
                                            absl::Microseconds(us_max));
  }

  ServerOptions options_;
  std::shared_ptr<Service> service_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::vector<std::thread> threads_;
  std::function<void()> close_acceptor_;
  std::string socket_file_;
  uint16_t port_ = 0;
  bool down_ = false;
  std::atomic<bool> hurried_ = false;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Shutdown(0); }
uint16_t Server::port() const { return impl_->port(); }
int64_t Server::Count(Event event) const { return impl_->Count(event); }
void Server::Shutdown(int64_t grace_us) { impl_->Shutdown(grace_us); }
void Server::Hurry() { impl_->Hurry(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(ServerOptions options, Partner partner) {
  const int adopted = options.listening_socket;
  asio::ip::tcp::endpoint endpoint;
  if (adopted < 0) {
    ASSIGN_OR_RETURN(endpoint, ParseAddress(options.address));
  }
  ASSIGN_OR_RETURN(TlsContext tls, NewServerContext(partner.tls));
  auto service = std::make_shared<Service>();
  service->tls.emplace(tls.release());
  service->enrolment = std::move(partner.enrolment);
  service->seen = std::move(partner.seen);
  service->handle = [handler = std::move(partner.handler)](Request request, Ticket ticket) {
    handler(std::move(request), [ticket = std::move(ticket)](Response response) mutable {
      ticket(std::move(response));
    });
  };
  service->refuse = [refuser = std::move(partner.refuser)](
                        Refusal refusal, const identity::Caller& caller) -> AnyResponse {
    return refuser(refusal, caller);
  };
  auto impl = std::make_unique<Impl>(std::move(options), std::move(service));
  RETURN_IF_ERROR(adopted < 0 ? impl->BindTcp(endpoint) : impl->Adopt(adopted, /*local=*/false));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

absl::StatusOr<std::unique_ptr<Server>> Server::ListenLocal(ServerOptions options,
                                                            AdminHandler handler) {
  auto service = std::make_shared<Service>();
  service->handle = [handler = std::move(handler)](Request request, Ticket ticket) {
    handler(std::move(request), [ticket = std::move(ticket)](AdminResponse response) mutable {
      ticket(std::move(response));
    });
  };
  service->refuse = [](Refusal refusal, const identity::Caller&) -> AnyResponse {
    return AdminResponse{Status(refusal), "", "", {}};
  };
  std::string address = options.address;
  if (const int adopted = options.listening_socket; adopted >= 0) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(service));
    RETURN_IF_ERROR(impl->Adopt(adopted, /*local=*/true));
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  }
  if (address.starts_with(kUnixScheme)) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(service));
    RETURN_IF_ERROR(impl->BindUnix(address.substr(kUnixScheme.size())));
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  }
  ASSIGN_OR_RETURN(asio::ip::tcp::endpoint endpoint, ParseAddress(address));
  if (!endpoint.address().is_loopback()) {
    return absl::InvalidArgumentError(absl::StrCat("admin address ", address, " is not loopback"));
  }
  auto impl = std::make_unique<Impl>(std::move(options), std::move(service));
  RETURN_IF_ERROR(impl->BindTcp(endpoint));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

}  // namespace schotvrij::http
