// core/base: outcomes, and the counts of what they hold; exceptions.
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/exception.hpp"
#include "base/outcome.hpp"
#include "unit.hpp"

namespace {

using boucle::Exception;
using boucle::Outcome;
using boucle::Ref;
using boucle::Status;
using boucle::Userdata;
using boucle::Value;
using boucle::ValueKind;

int destroyed = 0;
void count(void *) { ++destroyed; }
const int kTag = 0;

// A value whose destruction is counted.
Ref<Value> make_value() {
  destroyed = 0;
  return Value::foreign(&kTag, Userdata(nullptr, count));
}
Ref<Exception> make_error() {
  destroyed = 0;
  return Exception::carrying(Value::foreign(&kTag, Userdata(nullptr, count)), "ValueError", "boom");
}

void outcome_of_nothing_returned_nil(void **) {
  Outcome outcome;
  assert_true(!outcome.failed() && !outcome.cancelled());
  assert_null(outcome.value().get());
  assert_null(outcome.exception().get());
}

void outcome_of_a_value_keeps_it_until_its_end(void **) {
  {
    Outcome outcome(make_value()), copy(outcome), assigned;
    assigned = copy;
    assert_true(!outcome.failed() && !outcome.cancelled());
    assert_ptr_equal(outcome.value().get(), assigned.value().get());
    assert_null(outcome.exception().get());
    outcome = Outcome();
    copy = Outcome();
    assert_int_equal(0, destroyed);
    Outcome moved(std::move(assigned));
    assert_null(assigned.value().get());
    assert_int_equal(0, destroyed);
  }
  assert_int_equal(1, destroyed);
}

void outcome_of_an_error_keeps_it_until_its_end(void **) {
  {
    Outcome outcome(make_error()), copy(outcome), assigned;
    assigned = copy;
    assert_true(outcome.failed() && !outcome.cancelled());
    assert_null(outcome.value().get());
    assert_string_equal("boom", assigned.exception()->message());
    outcome = Outcome();
    copy = Value::boolean(true);
    assert_int_equal(0, destroyed);
    assigned = assigned.exception();
    assert_int_equal(0, destroyed);
    assert_true(assigned.failed());
  }
  assert_int_equal(1, destroyed);
}

void outcome_gives_away_what_it_holds(void **) {
  Outcome good(make_value());
  assert_null(good.take_exception().get());
  assert_non_null(good.value().get());
  Ref<Value> value = good.take_value();
  assert_null(good.value().get());
  assert_int_equal(0, destroyed);
  value = nullptr;
  assert_int_equal(1, destroyed);
  Outcome bad(make_error());
  assert_null(bad.take_value().get());
  Ref<Exception> exception = bad.take_exception();
  assert_false(bad.failed());
  assert_int_equal(0, destroyed);
  exception = nullptr;
  assert_int_equal(1, destroyed);
}

void outcome_of_immediates_is_no_failure(void **) {
  for (int64_t number : {int64_t{0}, int64_t{1}, int64_t{2}, int64_t{3}, int64_t{-1}, INT64_MAX / 2, INT64_MIN / 2}) {
    Outcome outcome(Value::integer(number));
    assert_false(outcome.failed());
    assert_true(Value::as_int(outcome.value().get()) == number);
    assert_true(Value::as_int(outcome.take_value().get()) == number);
  }
  for (bool truth : {false, true}) {
    Outcome outcome(Value::boolean(truth));
    assert_true(!outcome.failed() && Value::kind_of(outcome.value().get()) == ValueKind::Bool);
    assert_int_equal(truth, Value::as_bool(outcome.value().get()));
  }
}

void outcome_status_is_what_the_c_api_returns(void **) {
  assert_int_equal(0, Outcome().status());
  assert_int_equal(0, Outcome(make_value()).status());
  assert_int_equal(boucle::status::EXCEPTION, Outcome(make_error()).status());
  assert_int_equal(boucle::status::CANCELLED, Outcome(Exception::cancelled()).status());
}

void outcome_of_a_cancellation_is_cancelled(void **) {
  assert_true(Outcome(Exception::cancelled()).cancelled());
  assert_true(Outcome(Exception::make("CancelledError", "m")).cancelled());
  assert_false(Outcome(Exception::make("SystemExit", "m")).cancelled());
}

void outcome_of_a_status(void **) {
  assert_false(Outcome::of_status(0, Value::boolean(true)).failed());
  assert_int_equal(1, Value::as_bool(Outcome::of_status(0, Value::boolean(true)).value().get()));
  Outcome positive = Outcome::of_status(1, make_value());
  assert_int_equal(1, destroyed);
  assert_string_equal("RuntimeError", positive.exception()->kind());
  Outcome negative = Outcome::of_status(-EPIPE, nullptr);
  assert_string_equal("BrokenPipeError", negative.exception()->kind());
  assert_string_equal("[Errno 32] Broken pipe", negative.exception()->message());
  assert_int_equal(-EPIPE, negative.exception()->status());
  assert_true(Outcome::of_status(boucle::status::CANCELLED, nullptr).cancelled());
}

// ---- exceptions ----

void error_that_is_shared_is_never_destroyed(void **) {
  size_t live = boucle::live_objects.load();
  for (int i = 0; i < 3; ++i) {
    assert_string_equal("CancelledError", Exception::cancelled()->kind());
    assert_null(Exception::cancelled()->message());
    assert_string_equal("MemoryError", Exception::no_memory()->kind());
    assert_int_equal(-ENOMEM, Exception::no_memory()->status());
    assert_true(Exception::cancelled().get() == Exception::cancelled().get());
  }
  assert_int_equal(live, boucle::live_objects.load());
}

void error_of_a_timeout_has_its_cause(void **) {
  Ref<Exception> cause = Exception::make("CancelledError", "late");
  Ref<Exception> timeout = Exception::timeout(cause);
  assert_string_equal("TimeoutError", timeout->kind());
  assert_ptr_equal(cause.get(), timeout->cause());
  assert_null(Exception::timeout(nullptr)->cause());
}

void error_that_leaves_the_loop(void **) {
  for (const char *kind : {"SystemExit", "KeyboardInterrupt"}) assert_true(Exception::make(kind, nullptr)->is_exit());
  for (const char *kind : {"GeneratorExit", "CancelledError", "BaseException", "System", "SystemExits"}) {
    assert_false(Exception::make(kind, nullptr)->is_exit());
  }
}

void error_derived_keeps_all_but_what_is_new(void **) {
  Ref<Exception> exception = make_error(), cause = Exception::make("KeyError", "k");
  Ref<Exception> with = exception->with_note("first")->with_note("second")->with_cause(cause)->with_note("third");
  assert_int_equal(0, exception->notes().size());
  assert_int_equal(3, with->notes().size());
  assert_string_equal("first", with->notes()[0].c_str());
  assert_string_equal("third", with->notes()[2].c_str());
  assert_ptr_equal(cause.get(), with->cause());
  assert_ptr_equal(exception->payload(), with->payload());
  assert_string_equal("ValueError", with->kind());
  assert_string_equal("boom", with->message());
  exception = nullptr;
  assert_int_equal(0, destroyed);
  with = nullptr;
  assert_int_equal(1, destroyed);
}

void error_group_is_of_the_base_if_a_member_is(void **) {
  auto kind_with = [](const char *kind) {
    return std::string(Exception::group("g", {Exception::make("ValueError", "a"), Exception::make(kind, "b")})->kind());
  };
  assert_string_equal("ExceptionGroup", kind_with("KeyError").c_str());
  assert_string_equal("ExceptionGroup", kind_with("Custom").c_str());
  for (const char *kind : {"SystemExit", "CancelledError", "BaseException", "GeneratorExit"}) {
    assert_string_equal("BaseExceptionGroup", kind_with(kind).c_str());
  }
}

void error_matches_all_of_its_bases_and_no_others(void **) {
  struct Row {
    const char *kind, *bases[5];
  };
  constexpr Row kRows[] = {
      {"TimeoutError", {"TimeoutError", "OSError", "Exception", "BaseException"}},
      {"PermissionError", {"PermissionError", "OSError", "Exception", "BaseException"}},
      {"BrokenPipeError", {"BrokenPipeError", "ConnectionError", "OSError", "Exception", "BaseException"}},
      {"BrokenBarrierError", {"BrokenBarrierError", "RuntimeError", "Exception", "BaseException"}},
      {"IncompleteReadError", {"IncompleteReadError", "EOFError", "Exception", "BaseException"}},
      {"KeyError", {"KeyError", "LookupError", "Exception", "BaseException"}},
      {"ExceptionGroup", {"ExceptionGroup", "BaseExceptionGroup", "Exception", "BaseException"}},
      {"CancelledError", {"CancelledError", "BaseException"}},
      {"SystemExit", {"SystemExit", "BaseException"}},
      {"BaseException", {"BaseException"}},
      {"Custom", {"Custom", "Exception", "BaseException"}},
  };
  for (const Row &row : kRows) {
    Ref<Exception> exception = Exception::make(row.kind, nullptr);
    for (const Row &other : kRows) {
      for (const char *kind : other.bases) {
        bool expected = false;
        for (const char *base : row.bases) expected |= kind && base && std::strcmp(kind, base) == 0;
        if (kind) assert_int_equal(expected, exception->matches(kind));
      }
    }
  }
}

// Reference counting works in another way once the process has threads.
void counts_of_many_threads_add_up(void **) {
  Ref<Value> value = make_value();
  std::thread threads[4];
  for (std::thread &thread : threads) {
    thread = std::thread([value] {
      for (int i = 0; i < 10000; ++i) {
        Ref<Value> mine = value, also = mine;
        Outcome outcome(also);
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  assert_int_equal(0, destroyed);
  value = nullptr;
  assert_int_equal(1, destroyed);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(outcome_of_nothing_returned_nil),
      cmocka_unit_test(outcome_of_a_value_keeps_it_until_its_end),
      cmocka_unit_test(outcome_of_an_error_keeps_it_until_its_end),
      cmocka_unit_test(outcome_gives_away_what_it_holds),
      cmocka_unit_test(outcome_of_immediates_is_no_failure),
      cmocka_unit_test(outcome_of_a_cancellation_is_cancelled),
      cmocka_unit_test(outcome_of_a_status),
      cmocka_unit_test(outcome_status_is_what_the_c_api_returns),
      cmocka_unit_test(error_that_is_shared_is_never_destroyed),
      cmocka_unit_test(error_of_a_timeout_has_its_cause),
      cmocka_unit_test(error_that_leaves_the_loop),
      cmocka_unit_test(error_derived_keeps_all_but_what_is_new),
      cmocka_unit_test(error_group_is_of_the_base_if_a_member_is),
      cmocka_unit_test(error_matches_all_of_its_bases_and_no_others),
      cmocka_unit_test(counts_of_many_threads_add_up),
  };
  return cmocka_run_group_tests_name("outcome", tests, nullptr, nullptr);
}
