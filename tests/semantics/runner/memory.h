/* The runner's own memory: allocating it never fails (it aborts), and the out-of-memory mode does not touch it. */
#ifndef RUNNER_MEMORY_H
#define RUNNER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* While positive, allocations are the runner's own: oom.c does not count them. Volatile, for the compiler takes malloc
 * for a function that looks at nothing. */
extern volatile int runner_allocates;

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *memory, size_t size);

/* A text that grows; `text` is terminated by NUL once something was added. */
struct buffer {
  char *text;
  size_t size, capacity;
};

void buffer_add(struct buffer *buffer, const char *text);
void buffer_add_sized(struct buffer *buffer, const char *text, size_t size);
void buffer_add_int(struct buffer *buffer, int64_t integer);
void buffer_free(struct buffer *buffer);

/* Memory that is freed all at once: the parsed scenario. */
struct arena {
  struct arena_chunk *chunks;
};

void *arena_take(struct arena *arena, size_t size);
char *arena_text(struct arena *arena, const char *text, size_t size);
void arena_free(struct arena *arena);

#endif
