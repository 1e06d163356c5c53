// What the tests of boucle/boucle.hpp share. They are built as C++17 and C++20, with and without RTTI.
#pragma once

#include <boucle/boucle.hpp>

extern "C" {
#include "../support.h"
}

#include <memory>
#include <string>
#include <vector>

using boucle::loop_ptr;

inline loop_ptr make_loop() { return loop_ptr::adopt(new_virtual_loop()); }

inline int64_t to_int(const boucle::value_ptr &value) {
  int64_t integer = -1;
  assert_ok(value_get_int(value, &integer));
  return integer;
}

// Runs f, which must throw. Returns "STATUS: text".
template <class F>
std::string failure_of(F &&f) {
  try {
    f();
  } catch (const boucle::error &e) {
    return std::string(loop_status_name(e.status())) + ": " + e.what();
  }
  return "nothing";
}
#define assert_text(expected, text) assert_string_equal(expected, std::string(text).c_str())
