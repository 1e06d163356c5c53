/* A check whether bytes are UTF-8: without overlong forms, surrogates, and anything above U+10FFFF. */
#ifndef BOUCLE_LUA_UTF8_H
#define BOUCLE_LUA_UTF8_H

#include <stddef.h>

static inline size_t utf8_sequence(const unsigned char *at, size_t left) {
  unsigned char low = 0x80, high = 0xBF;
  size_t size = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
  if (at[0] < 0xC2 || at[0] > 0xF4 || left < size) return 0;
  if (at[0] == 0xE0) low = 0xA0;
  if (at[0] == 0xED) high = 0x9F;
  if (at[0] == 0xF0) low = 0x90;
  if (at[0] == 0xF4) high = 0x8F;
  if (at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < size; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  return size;
}

static inline int utf8_is_valid(const char *data, size_t size) {
  const unsigned char *at = (const unsigned char *)data, *end = at + size;
  while (at < end) {
    size_t step = *at < 0x80 ? 1 : utf8_sequence(at, (size_t)(end - at));
    if (step == 0) return 0;
    at += step;
  }
  return 1;
}

#endif
