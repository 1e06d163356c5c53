#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

volatile int runner_allocates;

static void *checked(void *memory) {
  --runner_allocates;
  if (memory == NULL) {
    fputs("scenario: out of memory\n", stderr);
    abort();
  }
  return memory;
}

void *xmalloc(size_t size) {
  ++runner_allocates;
  return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size) {
  ++runner_allocates;
  return checked(calloc(count ? count : 1, size));
}

void *xrealloc(void *memory, size_t size) {
  ++runner_allocates;
  return checked(realloc(memory, size));
}

void buffer_add_sized(struct buffer *buffer, const char *text, size_t size) {
  if (buffer->size + size + 1 > buffer->capacity) {
    buffer->capacity = 2 * (buffer->size + size + 32);
    buffer->text = xrealloc(buffer->text, buffer->capacity);
  }
  memcpy(buffer->text + buffer->size, text, size);
  buffer->size += size;
  buffer->text[buffer->size] = '\0';
}

void buffer_add(struct buffer *buffer, const char *text) { buffer_add_sized(buffer, text, strlen(text)); }

void buffer_add_int(struct buffer *buffer, int64_t integer) {
  char digits[24];
  snprintf(digits, sizeof digits, "%" PRId64, integer);
  buffer_add(buffer, digits);
}

void buffer_free(struct buffer *buffer) {
  free(buffer->text);
  *buffer = (struct buffer){0};
}

struct arena_chunk {
  struct arena_chunk *next;
  size_t used, size;
  max_align_t memory[];
};

void *arena_take(struct arena *arena, size_t size) {
  const size_t unit = sizeof(max_align_t);
  struct arena_chunk *chunk = arena->chunks;
  size = (size + unit - 1) / unit * unit;
  if (chunk == NULL || chunk->size - chunk->used < size) {
    size_t room = size > 8192 ? size : 8192;
    chunk = xcalloc(1, sizeof *chunk + room);
    chunk->next = arena->chunks;
    chunk->size = room;
    arena->chunks = chunk;
  }
  chunk->used += size;
  return (char *)chunk->memory + chunk->used - size;
}

char *arena_text(struct arena *arena, const char *text, size_t size) {
  char *copy = arena_take(arena, size + 1);
  memcpy(copy, text, size);
  return copy;
}

void arena_free(struct arena *arena) {
  while (arena->chunks != NULL) {
    struct arena_chunk *chunk = arena->chunks;
    arena->chunks = chunk->next;
    free(chunk);
  }
}
