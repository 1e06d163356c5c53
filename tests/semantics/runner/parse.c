#define _POSIX_C_SOURCE 200809L
#include "parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "operations.h"

enum { MOST_WORDS = 64, MOST_NODES = 4096 };

struct line {
  size_t number, count;
  char **words;
};

struct parser {
  struct scenario *scenario;
  struct line *lines;
  size_t count, next;
};

static void *take(struct parser *parser, size_t size) { return arena_take(&parser->scenario->arena, size); }

static void fail(struct parser *parser, size_t number, const char *why) {
  struct buffer text = {0};
  if (parser->scenario->error != NULL) return;
  buffer_add(&text, "line ");
  buffer_add_int(&text, (int64_t)number);
  buffer_add(&text, ": ");
  buffer_add(&text, why);
  parser->scenario->error = arena_text(&parser->scenario->arena, text.text, text.size);
  buffer_free(&text);
}

/* ---- words ---- */

static bool is_integer(const char *text) {
  text += *text == '-';
  return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

static struct word parse_word(struct parser *parser, char *text);

static void parse_arguments(struct parser *parser, struct word *word, const char *text) {
  struct word arguments[MOST_WORDS];
  while (*text != '\0' && *text != ')' && word->argument_count < MOST_WORDS) {
    size_t size = strcspn(text, ",)");
    if (size > 0)
      arguments[word->argument_count++] = parse_word(parser, arena_text(&parser->scenario->arena, text, size));
    text += size + (text[size] == ',');
  }
  word->arguments = take(parser, sizeof arguments[0] * (word->argument_count + 1));
  memcpy(word->arguments, arguments, sizeof arguments[0] * word->argument_count);
}

static struct word parse_word(struct parser *parser, char *text) {
  struct word word = {.text = text};
  char *open = strchr(text, '(');
  if (open != NULL) {
    word.kind = WORD_CALL;
    word.name = arena_text(&parser->scenario->arena, text, (size_t)(open - text));
    parse_arguments(parser, &word, open + 1);
  } else if (text[0] == '$') {
    word.kind = WORD_VARIABLE;
    word.name = text + 1;
  } else if (strcmp(text, "None") == 0) {
    word.kind = WORD_NONE;
  } else if (is_integer(text)) {
    word.kind = WORD_INT;
    word.integer = strtoll(text, NULL, 10);
  }
  return word;
}

/* ---- lines ---- */

static void split_line(struct parser *parser, struct line *line, char *text) {
  char *words[MOST_WORDS], *rest = NULL;
  line->count = 0;
  for (char *word = strtok_r(text, " \t\r", &rest); word != NULL && line->count < MOST_WORDS;
       word = strtok_r(NULL, " \t\r", &rest))
    words[line->count++] = word;
  line->words = take(parser, sizeof words[0] * (line->count + 1));
  memcpy(line->words, words, sizeof words[0] * line->count);
}

static void split_text(struct parser *parser, const char *text) {
  char *copy = arena_text(&parser->scenario->arena, text, strlen(text));
  size_t number = 0, room = 1;
  for (const char *c = text; *c != '\0'; c++) room += *c == '\n';
  parser->lines = take(parser, sizeof *parser->lines * room);
  for (char *next, *line = copy; line != NULL; line = next) {
    struct line *parsed = &parser->lines[parser->count];
    next = strchr(line, '\n');
    if (next != NULL) *next++ = '\0';
    number++;
    split_line(parser, parsed, line);
    parsed->number = number;
    if (parsed->count > 0 && parsed->words[0][0] != '#') parser->count++;
  }
}

/* ---- nodes ---- */

static struct line *parse_block(struct parser *parser, struct block *block, const char *stops);

static bool is_one_of(const char *word, const char *words) {
  size_t size = strlen(word);
  for (const char *found = words; (found = strstr(found, word)) != NULL; found += size)
    if ((found == words || found[-1] == ' ') && (found[size] == ' ' || found[size] == '\0')) return true;
  return false;
}

static void parse_words(struct parser *parser, struct node *node, struct line *line, size_t first) {
  node->words = take(parser, sizeof *node->words * (line->count + 1));
  for (size_t i = first; i < line->count; i++) node->words[node->word_count++] = parse_word(parser, line->words[i]);
}

static void parse_statement(struct parser *parser, struct node *node, struct line *line) {
  size_t first = 0;
  if (line->count > 2 && strcmp(line->words[1], "=") == 0) {
    node->target = line->words[0];
    first = 2;
  } else if (line->count > 1 && strcmp(line->words[0], "show") == 0) {
    node->show = true;
    first = 1;
  }
  node->operation = operation_find(line->words[first]);
  parse_words(parser, node, line, first + 1);
  if (node->operation == NULL)
    fail(parser, line->number, "unknown operation");
  else if (node->word_count < node->operation->least_words)
    fail(parser, line->number, "too few words");
}

static void parse_try(struct parser *parser, struct node *node) {
  struct clause clauses[MOST_WORDS];
  struct line *stop = parse_block(parser, &node->body, "except else finally end");
  while (stop != NULL && strcmp(stop->words[0], "except") == 0 && node->clause_count < MOST_WORDS) {
    struct clause *clause = &clauses[node->clause_count++];
    *clause = (struct clause){.kind = stop->count > 1 ? stop->words[1] : "BaseException"};
    stop = parse_block(parser, &clause->block, "except else finally end");
  }
  node->clauses = take(parser, sizeof clauses[0] * (node->clause_count + 1));
  memcpy(node->clauses, clauses, sizeof clauses[0] * node->clause_count);
  if (stop != NULL && strcmp(stop->words[0], "else") == 0) stop = parse_block(parser, &node->orelse, "finally end");
  if (stop != NULL && strcmp(stop->words[0], "finally") == 0) parse_block(parser, &node->final, "end");
}

static struct node *parse_node(struct parser *parser, struct line *line) {
  static const struct {
    const char *keyword;
    enum node_kind kind;
    size_t least_words;
  } blocks[] = {{"loop", NODE_LOOP, 1},       {"if", NODE_IF, 3},     {"try", NODE_TRY, 0},
                {"timeout", NODE_TIMEOUT, 1}, {"with", NODE_WITH, 1}, {"taskgroup", NODE_GROUP, 1}};
  struct node *node = take(parser, sizeof *node);
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
    if (strcmp(line->words[0], blocks[i].keyword) != 0) continue;
    node->kind = blocks[i].kind;
    parse_words(parser, node, line, 1);
    if (node->word_count < blocks[i].least_words) fail(parser, line->number, "too few words");
    if (node->kind == NODE_TRY)
      parse_try(parser, node);
    else if (node->kind == NODE_IF) {
      struct line *stop = parse_block(parser, &node->body, "else end");
      if (stop != NULL && strcmp(stop->words[0], "else") == 0) parse_block(parser, &node->orelse, "end");
    } else
      parse_block(parser, &node->body, "end");
    return node;
  }
  parse_statement(parser, node, line);
  return node;
}

/* Parses up to a line that starts with one of the stops, and returns it; NULL after an error. */
static struct line *parse_block(struct parser *parser, struct block *block, const char *stops) {
  size_t first = parser->next, capacity = 0;
  struct line *stop = NULL;
  struct node **nodes = NULL;
  while (parser->next < parser->count && parser->scenario->error == NULL && block->count < MOST_NODES) {
    struct line *line = &parser->lines[parser->next++];
    if (is_one_of(line->words[0], stops)) {
      stop = line;
      break;
    }
    if (block->count == capacity) nodes = xrealloc(nodes, sizeof(void *) * (capacity = 2 * capacity + 4));
    nodes[block->count++] = parse_node(parser, line);
  }
  block->nodes = take(parser, sizeof(void *) * (block->count + 1));
  if (block->count > 0) memcpy(block->nodes, nodes, sizeof(void *) * block->count);
  free(nodes);
  if (stop == NULL) fail(parser, first, "missing end");
  return stop;
}

static void parse_definition(struct parser *parser, struct line *line, struct definition **first, const char *prefix) {
  struct definition *definition = take(parser, sizeof *definition);
  struct buffer label = {0};
  buffer_add(&label, prefix);
  buffer_add(&label, line->words[1]);
  definition->name = line->words[1];
  definition->label = arena_text(&parser->scenario->arena, label.text, label.size);
  definition->parameters = (const char **)line->words + 2;
  definition->parameter_count = line->count - 2;
  definition->next = *first;
  *first = definition;
  buffer_free(&label);
  parse_block(parser, &definition->block, "end");
}

void scenario_parse(struct scenario *scenario, const char *text) {
  struct parser parser = {.scenario = scenario};
  bool has_main = false;
  *scenario = (struct scenario){0};
  split_text(&parser, text);
  while (parser.next < parser.count && scenario->error == NULL) {
    struct line *line = &parser.lines[parser.next++];
    if (line->count >= 2 && strcmp(line->words[0], "body") == 0)
      parse_definition(&parser, line, &scenario->bodies, "");
    else if (line->count >= 2 && strcmp(line->words[0], "callback") == 0)
      parse_definition(&parser, line, &scenario->callbacks, "@");
    else if (line->count == 1 && strcmp(line->words[0], "main") == 0)
      has_main = parse_block(&parser, &scenario->main, "end") != NULL;
    else
      fail(&parser, line->number, "expected body, callback or main");
  }
  if (!has_main) fail(&parser, 0, "no main");
}

void scenario_free(struct scenario *scenario) { arena_free(&scenario->arena); }

struct definition *definition_find(struct definition *first, const char *name) {
  while (first != NULL && strcmp(first->name, name) != 0) first = first->next;
  return first;
}
