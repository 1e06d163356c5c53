#include "sys/thread.hpp"

#include <signal.h>

#include <initializer_list>

namespace boucle {

Status start_thread(pthread_t &ret_thread, void *(*main)(void *), void *argument) noexcept {
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&blocked, fault);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  int failed = pthread_create(&ret_thread, nullptr, main, argument);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return -failed;
}

Status start_detached_thread(void *(*main)(void *), void *argument) noexcept {
  pthread_t thread;
  Status s = start_thread(thread, main, argument);
  if (s == 0) pthread_detach(thread);
  return s;
}

}  // namespace boucle
