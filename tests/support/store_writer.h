// StoreWriter: the thread that drives a store's writer for as long as it lives, as main does.
#pragma once

#include <thread>

#include "gateway/store/store.h"

namespace schotvrij {

class StoreWriter {
 public:
  explicit StoreWriter(store::Store* store)
      : store_(store), thread_([store] {
          while (store->WaitForWork()) store->Flush();
        }) {}

  // Everything queued is flushed first.
  ~StoreWriter() {
    store_->Stop();
    thread_.join();
  }

  std::thread::id thread_id() const { return thread_.get_id(); }

 private:
  store::Store* store_;
  std::thread thread_;
};

}  // namespace schotvrij
