// core/base: lists, pools, references, callback userdata.
#include <malloc.h>

#include <cstring>
#include <vector>

#include "base/allocation.hpp"
#include "base/counted.hpp"
#include "base/list.hpp"
#include "base/pool.hpp"
#include "base/ref.hpp"
#include "base/userdata.hpp"
#include "unit.hpp"

namespace {

using boucle::Link;
using boucle::List;
using boucle::Pool;

void list_keeps_the_order_of_insertion(void **) {
  List list;
  Link front, links[3];
  for (Link &link : links) list.push_back(link);
  list.push_front(front);
  assert_ptr_equal(&front, list.pop_front());
  for (Link &link : links) assert_ptr_equal(&link, list.pop_front());
  assert_true(list.empty());
}

void list_pop_front_unlinks(void **) {
  List list;
  Link first, second;
  list.push_back(first);
  list.push_back(second);
  assert_ptr_equal(&first, list.pop_front());
  assert_false(first.linked());
  assert_true(second.linked());
  second.unlink();
  assert_true(list.empty());
}

void list_splice_moves_all_and_empties_the_other(void **) {
  List list, other;
  Link links[4];
  list.push_back(links[0]);
  other.push_back(links[1]);
  other.push_back(links[2]);
  list.splice_back(other);
  list.push_back(links[3]);
  assert_true(other.empty());
  list.splice_back(other);
  for (Link &link : links) assert_ptr_equal(&link, list.pop_front());
  assert_true(list.empty());
}

void list_splice_front_goes_before(void **) {
  List list, other;
  Link links[3];
  list.push_back(links[2]);
  other.push_back(links[0]);
  other.push_back(links[1]);
  list.splice_front(other);
  for (Link &link : links) assert_ptr_equal(&link, list.pop_front());
}

void pool_objects_do_not_overlap(void **) {
  Pool pool;
  std::vector<char *> objects;
  for (int i = 0; i < 5000; ++i) {
    objects.push_back(static_cast<char *>(pool.allocate(48)));
    std::memset(objects.back(), i & 127, 48);
  }
  for (int i = 0; i < 5000; ++i) {
    for (int byte = 0; byte < 48; ++byte) assert_int_equal(i & 127, objects[i][byte]);
    pool.deallocate(objects[i], 48);
  }
}

void pool_objects_are_aligned(void **) {
  Pool pool;
  for (size_t size : {1, 16, 17, 100, 512, 513, 100000}) {
    void *object = pool.allocate(size);
    assert_int_equal(0, reinterpret_cast<uintptr_t>(object) % alignof(max_align_t));
    pool.deallocate(object, size);
  }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Of sanitizer/allocator_interface.h, which GCC does not install.
extern "C" size_t __sanitizer_get_current_allocated_bytes(void);
size_t allocated() { return __sanitizer_get_current_allocated_bytes(); }
#else
size_t allocated() {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
#endif

// They come from malloc, which may keep a few of them.
void pool_large_objects_go_back_at_once(void **) {
  Pool pool;
  constexpr size_t kCount = 1000, kSize = 5000;
  size_t before = allocated();
  for (size_t i = 0; i < kCount; ++i) {
    pool.deallocate(pool.allocate(kSize), kSize);
    Pool::deallocate_by_owner(pool.allocate(kSize), kSize);
  }
  assert_true(allocated() < before + kCount * kSize / 10);
}

void pool_survives_any_order_of_giving_back(void **) {
  Pool pool;
  Numbers numbers;
  std::vector<std::pair<void *, size_t>> objects;
  for (int i = 0; i < 50000; ++i) {
    if (objects.empty() || numbers.next() % 5 < 3) {
      size_t size = 1 + numbers.next() % 600;
      objects.emplace_back(pool.allocate(size), size);
    } else {
      std::swap(objects[numbers.next() % objects.size()], objects.back());
      pool.deallocate(objects.back().first, objects.back().second);
      objects.pop_back();
    }
  }
  for (auto &[object, size] : objects) pool.deallocate(object, size);
}

struct Thing : boucle::Counted<Thing> {
  explicit Thing(int &d) : destroyed(d) {}
  static void destroy(Thing *thing) noexcept {
    ++thing->destroyed;
    delete thing;
  }
  int &destroyed;
};

void ref_destroys_with_the_last_owner(void **) {
  int destroyed = 0;
  auto first = boucle::Ref<Thing>::adopt(new Thing(destroyed));
  boucle::Ref<Thing> second = first, moved = std::move(first);
  assert_false(static_cast<bool>(first));
  second = nullptr;
  assert_int_equal(0, destroyed);
  moved = boucle::Ref<Thing>(moved);
  assert_int_equal(0, destroyed);
  moved = nullptr;
  assert_int_equal(1, destroyed);
}

void ref_take_gives_the_reference_away(void **) {
  int destroyed = 0;
  auto ref = boucle::Ref<Thing>::adopt(new Thing(destroyed));
  Thing *thing = ref.take();
  ref = nullptr;
  assert_int_equal(0, destroyed);
  thing->unref();
  assert_int_equal(1, destroyed);
}

void count(void *counter) { ++*static_cast<int *>(counter); }

void userdata_is_destroyed_once(void **) {
  int destroyed = 0;
  {
    boucle::Userdata userdata(&destroyed, count), moved = std::move(userdata);
    assert_ptr_equal(&destroyed, moved.get());
    assert_null(userdata.get());
    moved = boucle::Userdata(&destroyed, count);
    assert_int_equal(1, destroyed);
    moved.reset();
    assert_int_equal(2, destroyed);
  }
  assert_int_equal(2, destroyed);
}

struct Again {
  boucle::Userdata *place;
  int destroyed[3];
};
void put_another(void *userdata) {
  Again &again = *static_cast<Again *>(userdata);
  ++again.destroyed[0];
  *again.place = boucle::Userdata(&again.destroyed[2], count);
}

void userdata_assigned_by_the_destroy_of_the_former_one_is_destroyed_once(void **) {
  Again again = {};
  {
    boucle::Userdata userdata(&again, put_another);
    again.place = &userdata;
    userdata = boucle::Userdata(&again.destroyed[1], count);
    assert_ptr_equal(&again.destroyed[2], userdata.get());
    assert_true(again.destroyed[0] == 1 && again.destroyed[1] == 1 && again.destroyed[2] == 0);
  }
  assert_true(again.destroyed[0] == 1 && again.destroyed[1] == 1 && again.destroyed[2] == 1);
}

void userdata_that_was_moved_away_is_nothing(void **) {
  int destroyed = 0;
  {
    boucle::Userdata first(&destroyed, count), second;
    second = std::move(first);
    assert_null(first.get());
    assert_true(first.destroy() == nullptr && second.get() == &destroyed);
    second.release();
    assert_ptr_equal(&destroyed, second.get());
    boucle::Userdata third(&destroyed, count);
    third.reset();
    assert_null(third.get());
    assert_int_equal(1, destroyed);
    third.reset();
  }
  assert_int_equal(1, destroyed);
}

void list_pop_only_takes_a_single_link(void **) {
  List list;
  Link first, second;
  assert_null(list.pop_only());
  list.push_back(first);
  list.push_back(second);
  assert_null(list.pop_only());
  assert_ptr_equal(&first, list.pop_front());
  assert_ptr_equal(&second, list.pop_only());
  assert_false(second.linked());
  assert_true(list.empty() && list.front() == list.end() && list.back() == list.end());
  list.push_front(first);
  assert_ptr_equal(&first, list.back());
}

// ---- allocation.hpp ----

void try_allocate_tells_whether_there_was_memory(void **) {
  bool ran = false;
  assert_true(boucle::try_allocate([&] { ran = true; }));
  assert_true(ran);
  assert_false(boucle::try_allocate([] { throw std::bad_alloc(); }));
}

void allocate_or_returns_the_other_value_without_memory(void **) {
  assert_int_equal(1, boucle::allocate_or(-1, [] { return 1; }));
  assert_int_equal(-1, boucle::allocate_or(-1, []() -> int { throw std::bad_alloc(); }));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(list_keeps_the_order_of_insertion),
      cmocka_unit_test(list_pop_front_unlinks),
      cmocka_unit_test(list_splice_moves_all_and_empties_the_other),
      cmocka_unit_test(list_splice_front_goes_before),
      cmocka_unit_test(pool_objects_do_not_overlap),
      cmocka_unit_test(pool_objects_are_aligned),
      cmocka_unit_test(pool_large_objects_go_back_at_once),
      cmocka_unit_test(pool_survives_any_order_of_giving_back),
      cmocka_unit_test(ref_destroys_with_the_last_owner),
      cmocka_unit_test(ref_take_gives_the_reference_away),
      cmocka_unit_test(userdata_is_destroyed_once),
      cmocka_unit_test(userdata_assigned_by_the_destroy_of_the_former_one_is_destroyed_once),
      cmocka_unit_test(userdata_that_was_moved_away_is_nothing),
      cmocka_unit_test(list_pop_only_takes_a_single_link),
      cmocka_unit_test(try_allocate_tells_whether_there_was_memory),
      cmocka_unit_test(allocate_or_returns_the_other_value_without_memory),
  };
  return cmocka_run_group_tests_name("base", tests, nullptr, nullptr);
}
