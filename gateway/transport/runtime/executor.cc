#include "gateway/transport/runtime/executor.h"

#include <sys/resource.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <list>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace schotvrij::runtime {

namespace asio = boost::asio;

struct ThreadExecutor::Pool {
  explicit Pool(int threads) : threads(threads) {}

  using Timers = std::list<asio::steady_timer>;

  asio::thread_pool threads;
  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  Timers waiting ABSL_GUARDED_BY(mutex);  // destroyed before `threads`, whose context they refer to
};

ThreadExecutor::ThreadExecutor(int threads, int niceness) {
  // On Linux a thread has its own, and those that it makes inherit it.
  std::thread maker([&] {
    if (niceness > 0) setpriority(PRIO_PROCESS, 0, niceness);
    pool_ = std::make_unique<Pool>(threads);
  });
  maker.join();
}

ThreadExecutor::~ThreadExecutor() { Stop(); }

void ThreadExecutor::Post(Work work) { asio::post(pool_->threads, std::move(work)); }

void ThreadExecutor::PostAfter(int64_t delay_us, Work work) {
  absl::MutexLock lock(&pool_->mutex);
  if (pool_->stopping) return;
  Pool::Timers::iterator timer = pool_->waiting.emplace(pool_->waiting.end(), pool_->threads.get_executor(),
                                                        std::chrono::microseconds(delay_us));
  timer->async_wait([pool = pool_.get(), timer, work = std::move(work)](boost::system::error_code) mutable {
    {
      absl::MutexLock lock(&pool->mutex);
      // An expired timer can no longer be cancelled, so that only this tells a stop that came between.
      if (pool->stopping) return;
      pool->waiting.erase(timer);
    }
    work();
  });
}

void ThreadExecutor::Stop() {
  {
    absl::MutexLock lock(&pool_->mutex);
    pool_->stopping = true;
    for (asio::steady_timer& timer : pool_->waiting) timer.cancel();
  }
  pool_->threads.join();
}

}  // namespace schotvrij::runtime
