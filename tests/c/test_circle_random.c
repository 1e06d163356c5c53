/* Cancelling nodes of random graphs has the effect of CPython's recursion; a node that leads into a circle is refused. The
 * other cases are in test_circle.c. */
#include <string.h>

#include "support.h"

enum { NODES = 14, MOST = 3, GRAPHS = 3000 };
enum kind { LEAF, TASK, GATHER };

struct node {
  enum kind kind;
  future_t *future;
  struct node *next[MOST]; /* what it waits for */
  int count;
  int is_done, is_open; /* is_open: the search for circles has entered it and not left it */
  unsigned asked;
};

struct graph {
  loop_t *loop;
  struct node nodes[NODES];
  uint64_t random;
};

static int pick(struct graph *graph, int below) {
  graph->random = graph->random * 6364136223846793005u + 1442695040888963407u;
  return (int)((graph->random >> 33) % (uint64_t)below);
}

static void await_next(task_t *task, void *userdata) {
  struct node *node = userdata;
  assert_ok(task_await(task, node->next[0]->future, return_seven));
}

static void make_node(struct graph *graph, int index) {
  struct node *node = &graph->nodes[index];
  future_t *futures[MOST];
  node->kind = index == 0 ? LEAF : (enum kind)pick(graph, 3);
  switch (node->kind) {
    case LEAF: node->future = new_future(graph->loop); break;
    case TASK: {
      int next = pick(graph, NODES);
      task_t *task = new_task(graph->loop, await_next, node);
      assert_ok(task_set_log_destroy_pending(task, 0));
      node->future = task_as_future(task);
      node->next[node->count++] = &graph->nodes[next == index ? 0 : next];
      break;
    }
    case GATHER:
      node->count = 1 + pick(graph, MOST);
      for (int i = 0; i < node->count; i++) {
        node->next[i] = &graph->nodes[pick(graph, index)];
        futures[i] = node->next[i]->future;
      }
      assert_ok(loop_gather(graph->loop, futures, (size_t)node->count, 1, &node->future));
      break;
  }
}

static int leads_into_a_circle(struct node *node) {
  int does = node->is_open;
  if (does || node->kind == LEAF) return does;
  node->is_open = 1;
  for (int i = 0; i < node->count; i++) does |= leads_into_a_circle(node->next[i]);
  node->is_open = 0;
  return does;
}

/* CPython's cancel(), for nodes that are in no circle. */
static int expected_cancel(struct node *node) {
  int any = 0;
  if (node->is_done) return 0;
  if (node->kind == LEAF) return node->is_done = 1;
  if (node->kind == TASK) node->asked++;
  for (int i = 0; i < node->count; i++) any |= expected_cancel(node->next[i]);
  return node->kind == TASK ? 1 : any;
}

static void cancel_and_compare(struct graph *graph, struct node *node) {
  int refused = leads_into_a_circle(node), expected = refused ? 7 : expected_cancel(node), cancelled = 7;
  assert_status(refused ? LOOP_ERECURSION : 0, future_cancel(node->future, NULL, &cancelled));
  assert_int_equal(expected, cancelled);
  for (int i = 0; i < NODES; i++) {
    struct node *other = &graph->nodes[i];
    assert_int_equal(other->is_done, future_done(other->future));
    if (other->kind == TASK) assert_int_equal(other->asked, task_cancelling(future_as_task(other->future)));
  }
}

static void ignore_report(loop_t *loop, const report_t *report, void *userdata) {
  (void)loop, (void)report, (void)userdata;
}

static void cancel_of_random_graphs_does_what_recursion_would(void **state) {
  struct graph graph = {.random = 11};
  (void)state;
  for (int round = 0; round < GRAPHS; round++) {
    memset(graph.nodes, 0, sizeof graph.nodes);
    graph.loop = new_virtual_loop();
    assert_ok(loop_set_exception_handler(graph.loop, ignore_report, NULL, NULL));
    for (int i = 0; i < NODES; i++) make_node(&graph, i);
    turn(graph.loop);
    for (int i = 0; i < 4; i++) cancel_and_compare(&graph, &graph.nodes[pick(&graph, NODES)]);
    if (round % 2) run_dry(graph.loop);
    for (int i = 0; i < NODES; i++) future_unref(graph.nodes[i].future);
    loop_unref(graph.loop);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(cancel_of_random_graphs_does_what_recursion_would),
  };
  return cmocka_run_group_tests_name("circle_random", tests, NULL, NULL);
}
