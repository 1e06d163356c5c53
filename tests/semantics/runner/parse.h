/* The scenario language as a tree. Its memory is in the scenario's arena, and is freed by scenario_free. */
#ifndef RUNNER_PARSE_H
#define RUNNER_PARSE_H

#include "memory.h"

enum word_kind { WORD_TEXT, WORD_INT, WORD_NONE, WORD_VARIABLE, WORD_CALL };

struct word {
  const char *text; /* as written */
  enum word_kind kind;
  int64_t integer;
  const char *name; /* WORD_VARIABLE: without the $; WORD_CALL: without the arguments */
  struct word *arguments;
  size_t argument_count;
};

struct block {
  struct node **nodes;
  size_t count;
};

struct clause {
  const char *kind; /* except KIND */
  struct block block;
};

enum node_kind { NODE_STATEMENT, NODE_LOOP, NODE_IF, NODE_TRY, NODE_TIMEOUT, NODE_GROUP, NODE_WITH };

struct operation;

struct node {
  enum node_kind kind;
  struct word *words; /* without the keyword or the operation */
  size_t word_count;
  /* statements */
  const struct operation *operation;
  const char *target; /* NAME = ..., or NULL */
  bool show;
  /* blocks */
  struct block body, orelse, final;
  struct clause *clauses;
  size_t clause_count;
};

/* A body or a callback. */
struct definition {
  struct definition *next;
  const char *name;
  const char *label; /* the name; of a callback: @name */
  const char **parameters;
  size_t parameter_count;
  struct block block;
};

struct scenario {
  struct arena arena;
  struct definition *bodies, *callbacks;
  struct block main;
  const char *error; /* NULL, or why the text is not a scenario */
};

void scenario_parse(struct scenario *scenario, const char *text);
void scenario_free(struct scenario *scenario);
struct definition *definition_find(struct definition *first, const char *name);

#endif
