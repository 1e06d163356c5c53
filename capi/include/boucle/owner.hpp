/* The first half of boucle/boucle.hpp: classes that own a reference, failures, and values. */
#ifndef BOUCLE_OWNER_HPP
#define BOUCLE_OWNER_HPP

#include <boucle/boucle.h>

#include <cerrno>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace boucle {
inline namespace cxx { /* so that its names differ from those inside a static library */

template <class T, T *(*Ref)(T *), void (*Unref)(T *)>
class owner {
 public:
  owner() noexcept = default;
  owner(std::nullptr_t) noexcept {}
  static owner adopt(T *handle) noexcept { return owner(handle); }      /* takes the caller's reference */
  static owner share(T *handle) noexcept { return owner(Ref(handle)); } /* takes a reference of its own */
  owner(const owner &other) noexcept : handle_(Ref(other.handle_)) {}
  owner(owner &&other) noexcept : handle_(other.release()) {}
  owner &operator=(owner other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~owner() { Unref(handle_); }
  T *get() const noexcept { return handle_; }
  operator T *() const noexcept { return handle_; }
  explicit operator bool() const noexcept { return handle_ != nullptr; }
  T *release() noexcept { return std::exchange(handle_, nullptr); } /* gives the reference to the caller */
  T **put() noexcept {
    *this = nullptr;
    return &handle_;
  }

 private:
  explicit owner(T *handle) noexcept : handle_(handle) {}
  T *handle_ = nullptr;
};

#define BOUCLE_OWNER(x) using x##_ptr = owner<x##_t, x##_ref, x##_unref>
/* clang-format off */
BOUCLE_OWNER(loop); BOUCLE_OWNER(loop_options); BOUCLE_OWNER(handle); BOUCLE_OWNER(future);
BOUCLE_OWNER(task); BOUCLE_OWNER(task_options); BOUCLE_OWNER(coroutine); BOUCLE_OWNER(value);
BOUCLE_OWNER(exception); BOUCLE_OWNER(completion); BOUCLE_OWNER(timeout); BOUCLE_OWNER(task_group);
BOUCLE_OWNER(lock); BOUCLE_OWNER(event); BOUCLE_OWNER(condition); BOUCLE_OWNER(semaphore);
BOUCLE_OWNER(barrier); BOUCLE_OWNER(queue); BOUCLE_OWNER(context); BOUCLE_OWNER(context_var);
BOUCLE_OWNER(concurrent);
/* clang-format on */
#undef BOUCLE_OWNER

/* ---- failures ---- */

/* A status, and its exception: the given one, or that of exception_new_from_status. */
class error : public std::runtime_error {
 public:
  explicit error(int status, exception_ptr why = nullptr) : error(status, why ? why : of_status(status), 0) {}
  int status() const noexcept { return status_; }
  exception_t *why() const noexcept { return why_.get(); }
  bool matches(const char *kind) const noexcept { return exception_matches(why_, kind) != 0; }

 private:
  error(int status, const exception_ptr &why, int) : std::runtime_error(text(why)), status_(status), why_(why) {}
  static exception_ptr of_status(int status) {
    exception_ptr made;
    if (exception_new_from_status(status, made.put()) == -ENOMEM) throw std::bad_alloc();
    return made;
  }
  static std::string text(const exception_ptr &why) {
    if (!why) return "not a status";
    const char *message = exception_message(why);
    return message ? std::string(exception_kind(why)) + ": " + message : exception_kind(why);
  }
  int status_;
  exception_ptr why_;
};

/* Throws an error if the status is one. */
inline void check(int status) {
  if (status < 0) throw error(status);
}
/* Does the same for the status of an await_... call in a body: the exception is that of await_exception. */
inline void awaited(int status) {
  if (status >= 0) return;
  exception_ptr why;
  if (status == LOOP_EEXCEPTION || status == LOOP_ECANCELLED) await_exception(why.put());
  throw error(status, why);
}

/* Returns, in a catch block, what was caught as an exception of Boucle's. For an error that is its why(). bad_alloc becomes
 * MemoryError, system_error the OSError of its errno, out_of_range IndexError, any other logic_error ValueError, anything
 * else RuntimeError. Returns NULL if there is no memory for it. */
inline exception_ptr caught() noexcept {
  exception_ptr made;
  auto make = [&](const char *kind, const char *what) { exception_new(kind, what, made.put()); };
  try {
    throw;
  } catch (const error &e) {
    made = exception_ptr::share(e.why());
    if (!made) make("RuntimeError", e.what());
  } catch (const std::bad_alloc &) {
    exception_new_from_status(-ENOMEM, made.put());
  } catch (const std::system_error &e) {
    int code = e.code().value();
    bool is_errno = e.code().category() == std::generic_category() || e.code().category() == std::system_category();
    if (!is_errno || code <= 0 || exception_new_from_status(-code, made.put())) make("OSError", e.what());
  } catch (const std::out_of_range &e) {
    make("IndexError", e.what());
  } catch (const std::logic_error &e) {
    make("ValueError", e.what());
  } catch (const std::exception &e) {
    make("RuntimeError", e.what());
  } catch (...) {
    make("RuntimeError", "what was thrown is not a std::exception");
  }
  return made;
}

/* ---- values ---- */

/* Makes a value of nullptr (nil), a bool, an integer, a floating-point number or a text. */
template <class T>
value_ptr to_value(const T &x) {
  value_ptr made;
  if constexpr (std::is_same_v<T, bool>) {
    check(value_new_bool(x, made.put()));
  } else if constexpr (std::is_integral_v<T>) {
    check(value_new_int(static_cast<int64_t>(x), made.put()));
  } else if constexpr (std::is_floating_point_v<T>) {
    check(value_new_double(static_cast<double>(x), made.put()));
  } else if constexpr (std::is_same_v<T, value_ptr> || std::is_null_pointer_v<T>) {
    made = x;
  } else {
    std::string_view text(x);
    check(value_new_text_sized(text.data(), text.size(), made.put()));
  }
  return made;
}

}  // namespace cxx
}  // namespace boucle

#endif
