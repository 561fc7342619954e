// Debian's Abseil is not instrumented: the thread sanitizer sees neither who held a mutex before nor who notified. These stand before its
// doors (--wrap) and tell. A condition is asked by who waits for it: Abseil asks it in whatever thread gives the mutex up, unseen.
#include <sched.h>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);

namespace schotvrij::sanitizers {

using absl::Mutex;
using absl::Notification;

// The door and who stands before it, by the names that the linker gives them.
#define SCHOTVRIJ_DOOR(result, name, symbol, ...)                \
  result Real##name(__VA_ARGS__) __asm__("__real_" symbol);      \
  __attribute__((used)) result name(__VA_ARGS__) __asm__("__wrap_" symbol)

SCHOTVRIJ_DOOR(void, Lock, "_ZN4absl7debian35Mutex4LockEv", Mutex* mutex);
SCHOTVRIJ_DOOR(void, ReaderLock, "_ZN4absl7debian35Mutex10ReaderLockEv", Mutex* mutex);
SCHOTVRIJ_DOOR(void, Unlock, "_ZN4absl7debian35Mutex6UnlockEv", Mutex* mutex);
SCHOTVRIJ_DOOR(void, ReaderUnlock, "_ZN4absl7debian35Mutex12ReaderUnlockEv", Mutex* mutex);
SCHOTVRIJ_DOOR(void, Await, "_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE", Mutex* mutex, const absl::Condition& until);
SCHOTVRIJ_DOOR(bool, AwaitWithTimeout, "_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", Mutex* mutex,
               const absl::Condition& until, absl::Duration most);
SCHOTVRIJ_DOOR(void, Notify, "_ZN4absl7debian312Notification6NotifyEv", Notification* notification);
SCHOTVRIJ_DOOR(void, Wait, "_ZNK4absl7debian312Notification19WaitForNotificationEv", Notification* notification);
SCHOTVRIJ_DOOR(bool, WaitWithTimeout, "_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE",
               Notification* notification, absl::Duration most);

void Lock(Mutex* mutex) {
  RealLock(mutex);
  __tsan_acquire(mutex);
}
void ReaderLock(Mutex* mutex) {
  RealReaderLock(mutex);
  __tsan_acquire(mutex);
}
void Unlock(Mutex* mutex) {
  __tsan_release(mutex);
  RealUnlock(mutex);
}
void ReaderUnlock(Mutex* mutex) {
  __tsan_release(mutex);
  RealReaderUnlock(mutex);
}
bool AwaitWithTimeout(Mutex* mutex, const absl::Condition& until, absl::Duration most) {
  const absl::Time end = absl::Now() + most;
  while (!until.Eval()) {
    if (absl::Now() >= end) return false;
    Unlock(mutex);
    sched_yield();
    Lock(mutex);
  }
  return true;
}
void Await(Mutex* mutex, const absl::Condition& until) { AwaitWithTimeout(mutex, until, absl::InfiniteDuration()); }
void Notify(Notification* notification) {
  __tsan_release(notification);
  RealNotify(notification);
}
void Wait(Notification* notification) {
  RealWait(notification);
  __tsan_acquire(notification);
}
bool WaitWithTimeout(Notification* notification, absl::Duration most) {
  const bool notified = RealWaitWithTimeout(notification, most);
  if (notified) __tsan_acquire(notification);
  return notified;
}

}  // namespace schotvrij::sanitizers
