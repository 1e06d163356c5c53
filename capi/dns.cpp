#include "boundary.hpp"
#include "net/address.hpp"
#include "net/lookup.hpp"

namespace {

// make() says what is asked; it may throw bad_alloc.
template <class F>
int look_up(loop_t *loop, future_t **ret_future, F &&make) noexcept {
  if (Status s = check_open(loop)) return s;
  return guard([&]() -> Status {
    Ref<Future> future;
    if (Status s = Lookup::start(*unwrap(loop), make(), future)) return s;
    return give(std::move(future), ret_future);
  });
}

}  // namespace

int loop_getaddrinfo(loop_t *loop, const char *host, const char *service, int family, int type, int flags,
                     future_t **ret_future) {
  if (!ret_future) return status::INVALID;
  return look_up(loop, ret_future, [&] {
    NameQuestion question;
    question.family = family;
    question.type = type;
    question.flags = flags;
    if (host) question.host = host;
    if (service) question.service = service;
    return question;
  });
}

int loop_getnameinfo(loop_t *loop, const value_t *address, int flags, future_t **ret_future) {
  if (!loop || !ret_future) return status::INVALID;
  if (Value::kind_of(unwrap(address)) != ValueKind::Address) return status::KIND;
  return look_up(loop, ret_future, [&] {
    NameQuestion question;
    question.address = socket_address(*unwrap(address));
    question.flags = flags;
    return question;
  });
}
