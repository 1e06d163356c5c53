#define _GNU_SOURCE
#include "corpus.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "interpret.h"

char *file_text(const char *path) {
  FILE *file = fopen(path, "rb");
  struct buffer text = {0};
  char piece[4096];
  size_t size = 0;
  if (file == NULL) return NULL;
  buffer_add(&text, "");
  while ((size = fread(piece, 1, sizeof piece, file)) > 0) buffer_add_sized(&text, piece, size);
  fclose(file);
  return text.text;
}

static bool ends_with(const char *text, const char *end) {
  size_t size = strlen(text), end_size = strlen(end);
  return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static char *trace_text(const char *path) {
  struct buffer name = {0};
  size_t size = strlen(path) - (ends_with(path, ".scn") ? 4 : 0);
  buffer_add_sized(&name, path, size);
  buffer_add(&name, ".trace");
  char *text = file_text(name.text);
  buffer_free(&name);
  return text;
}

static size_t each_file(const char *path, sample_fn fn, void *userdata) {
  char *text = file_text(path);
  size_t result = 1;
  if (text == NULL) {
    fprintf(stderr, "%s: cannot be read\n", path);
    return 1;
  }
  struct sample sample = {.path = (char *)path, .expected = trace_text(path)};
  scenario_parse(&sample.scenario, text);
  if (sample.scenario.error != NULL)
    fprintf(stderr, "%s: %s\n", path, sample.scenario.error);
  else
    result = fn(&sample, userdata);
  scenario_free(&sample.scenario);
  free(sample.expected);
  free(text);
  return result;
}

static int is_scenario(const struct dirent *entry) { return ends_with(entry->d_name, ".scn"); }

static size_t each_in_directory(const char *path, sample_fn fn, void *userdata) {
  struct dirent **entries = NULL;
  int count = scandir(path, &entries, is_scenario, alphasort);
  size_t result = 0;
  for (int i = 0; i < count; i++) {
    struct buffer name = {0};
    buffer_add(&name, path);
    buffer_add(&name, "/");
    buffer_add(&name, entries[i]->d_name);
    result += each_file(name.text, fn, userdata);
    buffer_free(&name);
    free(entries[i]);
  }
  free(entries);
  return result;
}

size_t corpus_each(char **paths, size_t count, sample_fn fn, void *userdata) {
  size_t result = 0;
  for (size_t i = 0; i < count; i++) {
    struct stat info;
    bool directory = stat(paths[i], &info) == 0 && S_ISDIR(info.st_mode);
    result += directory ? each_in_directory(paths[i], fn, userdata) : each_file(paths[i], fn, userdata);
  }
  return result;
}

int scenario_run(const struct scenario *scenario, enum mode mode, struct buffer *ret_trace, size_t *ret_leaked) {
  size_t before = loop_live_objects();
  struct env env;
  int status = env_open(&env, scenario, mode);
  if (status == 0) interpret_main(&env);
  buffer_add(&env.trace, "");
  *ret_trace = env.trace;
  env.trace = (struct buffer){0};
  env_close(&env);
  *ret_leaked = loop_live_objects() - before;
  return status;
}

/* ---- differences ---- */

static void print_lines(const char *margin, const char *sign, const char *text, size_t most) {
  while (*text != '\0' && most-- > 0) {
    size_t size = strcspn(text, "\n");
    printf("%s%s%.*s\n", margin, sign, (int)size, text);
    text += size + (text[size] == '\n');
  }
}

void print_difference(const char *margin, const char *path, const char *expected, const char *actual) {
  size_t line = 1, start = 0, before = 0;
  for (size_t i = 0; expected[i] != '\0' && expected[i] == actual[i]; i++)
    if (expected[i] == '\n') {
      line++;
      before = start;
      start = i + 1;
    }
  printf("%s--- %s: line %zu\n", margin, path, line);
  if (start > 0) print_lines(margin, "  ", expected + before, 1);
  print_lines(margin, "- ", expected + start, 4);
  print_lines(margin, "+ ", actual + start, 4);
}
