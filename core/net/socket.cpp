#include "net/socket.hpp"

#include <algorithm>
#include <atomic>

#include "base/allocation.hpp"
#include "sys/fd.hpp"

namespace boucle {

const NodeType SocketFuture::kType = {SocketFuture::run, SocketFuture::drop};

// ---- starting ----

Status SocketFuture::wait(Loop &loop, int fd, unsigned direction, Ref<Future> &ret_future) noexcept {
  auto *operation = loop.heap.make<SocketFuture>(What::Wait, fd);
  if (operation) operation->transfer_.verb = direction == kReadable ? Verb::Receive : Verb::Send;
  return start(operation, ret_future);
}

Status SocketFuture::receive(Loop &loop, int fd, size_t most, Ref<Future> &ret_future) noexcept {
  auto *operation = loop.heap.make<SocketFuture>(What::Receive, fd);
  if (operation) {
    operation->transfer_.verb = Verb::Receive;
    operation->size_ = most;
  }
  return start(operation, ret_future);
}

Status SocketFuture::send_all(Loop &loop, int fd, const void *data, size_t size, Ref<Future> &ret_future) noexcept {
  Ref<Value> copy;
  if (!try_allocate([&] { copy = Value::bytes(data, size); })) return status::NO_MEMORY;
  auto *operation = loop.heap.make<SocketFuture>(What::SendAll, fd);
  if (operation) {
    operation->transfer_.verb = Verb::Send;
    operation->size_ = size;
    operation->data_ = std::move(copy);
  }
  return start(operation, ret_future);
}

Status SocketFuture::accept(Loop &loop, int fd, Ref<Future> &ret_future) noexcept {
  auto *operation = loop.heap.make<SocketFuture>(What::Accept, fd);
  if (operation) operation->transfer_.verb = Verb::Accept;
  return start(operation, ret_future);
}

// Whoever comes while others wait stands behind them.
Status SocketFuture::start(SocketFuture *operation, Ref<Future> &ret_future) noexcept {
  if (!operation) return status::NO_MEMORY;
  auto made = Ref<Future>::adopt(operation);
  const Transfer &transfer = operation->transfer_;
  bool waits = operation->what_ == What::Wait ||
               operation->loop().driver.descriptors.has_queue(transfer.fd, transfer.direction());
  if (waits || !operation->attempt()) {
    if (Status s = operation->queue(false)) return s;
  }
  ret_future = std::move(made);
  return 0;
}

Status SocketFuture::queue(bool again) noexcept {
  Status s = loop().driver.descriptors.wait(transfer_.fd, transfer_.direction(), *this, again);
  if (s) return s;
  queued_ = true;
  retain();
  return 0;
}

void SocketFuture::dispose() noexcept {
  if (report_before_dispose()) Heap::destroy(this);
}

bool SocketFuture::cancel_itself(const Ref<Exception> &reason) noexcept {
  if (!Future::cancel_itself(reason)) return false;
  data_ = nullptr;
  if (std::exchange(queued_, false)) {
    loop().driver.descriptors.stop_waiting(*this);
    release();
  }
  return true;
}

// ---- being tried ----

// Takes the reference of the queue.
void SocketFuture::run(Loop &, Node &node) noexcept {
  auto &self = static_cast<SocketFuture &>(node);
  self.queued_ = false;
  if (self.what_ == What::Wait) {
    self.complete(State::Returned);
  } else if (!self.attempt()) {
    if (Status s = self.queue(true)) self.fail(s);
  }
  self.release();
}

void SocketFuture::drop(Loop &, Node &node) noexcept {
  auto &self = static_cast<SocketFuture &>(node);
  self.queued_ = false;
  self.release();
}

// True if it is done.
bool SocketFuture::attempt() noexcept {
  switch (what_) {
    case What::Receive: return attempt_receive();
    case What::SendAll: return attempt_send_all();
    default: return attempt_accept();
  }
}

bool SocketFuture::attempt_receive() noexcept {
  std::span<char> landing = loop().driver.landing();
  if (landing.empty()) return fail(status::NO_MEMORY), true;
  transfer_.data = landing.data();
  transfer_.size = std::min(size_, landing.size());
  if (!loop().driver.perform(transfer_)) return false;
  if (transfer_.result < 0) return fail_as_transfer(), true;
  succeed([&] { return Value::bytes(landing.data(), static_cast<size_t>(transfer_.result)); });
  return true;
}

bool SocketFuture::attempt_send_all() noexcept {
  while (sent_ < size_) {
    transfer_.data = const_cast<char *>(data_->data()) + sent_;
    transfer_.size = size_ - sent_;
    if (!loop().driver.perform(transfer_)) return false;
    if (transfer_.result < 0) return fail_as_transfer(), true;
    sent_ += static_cast<size_t>(transfer_.result);
  }
  data_ = nullptr;
  complete(State::Returned);
  return true;
}

bool SocketFuture::attempt_accept() noexcept {
  if (!loop().driver.perform(transfer_)) return false;
  if (transfer_.result < 0) return fail_as_transfer(), true;
  succeed([&] { return OwnedFd::make_value(static_cast<int>(transfer_.result)); });
  return true;
}

void SocketFuture::fail(Status status) noexcept {
  data_ = nullptr;
  complete(State::Raised, Outcome::of_status(status, nullptr));
}

// What the system says is an OSError, also where the same number means something else as a status of ours.
void SocketFuture::fail_as_transfer() noexcept {
  auto status = static_cast<Status>(transfer_.result);
  if (status != status::INVALID) return fail(status);
  Ref<Exception> made;
  bool has_memory = try_allocate([&] { made = Exception::make("OSError", status_message(status), status); });
  complete(State::Raised, has_memory ? std::move(made) : Exception::no_memory());
}

template <class Make>
void SocketFuture::succeed(Make &&make) noexcept {
  Ref<Value> value;
  if (!try_allocate([&] { value = make(); })) return fail(status::NO_MEMORY);
  complete(State::Returned, std::move(value));
}

// ---- descriptors as values ----

namespace {
constexpr char kFdTag = 0;
using Holder = std::atomic<int>;
void close_holder(void *holder) {
  Fd fd(static_cast<Holder *>(holder)->load());
  delete static_cast<Holder *>(holder);
}
}  // namespace

Ref<Value> OwnedFd::make_value(int fd) {
  Fd owned(fd);
  Userdata holder(new Holder(fd), close_holder);
  owned.release();
  return Value::foreign(&kFdTag, std::move(holder));
}

Status OwnedFd::take(const Value *value, int &ret_fd) noexcept {
  if (Value::kind_of(value) != ValueKind::Foreign || value->tag() != &kFdTag) return status::KIND;
  int fd = static_cast<Holder *>(value->userdata())->exchange(-1);
  if (fd < 0) return status::INVALIDSTATE;
  ret_fd = fd;
  return 0;
}

}  // namespace boucle
