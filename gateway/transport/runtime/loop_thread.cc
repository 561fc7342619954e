#include "gateway/transport/runtime/loop_thread.h"

#include <thread>
#include <utility>

namespace schotvrij::runtime {

struct LoopThread::Thread {
  std::thread thread;
};

LoopThread::LoopThread(std::function<bool()> step)
    : thread_(std::make_unique<Thread>(Thread{std::thread([step = std::move(step)] {
        while (step()) {
        }
      })})) {}

LoopThread::~LoopThread() { Join(); }

void LoopThread::Join() {
  if (thread_->thread.joinable()) thread_->thread.join();
}

}  // namespace schotvrij::runtime
