/* Both spellings in one file: the same functions, the same types of handles and callbacks. */
#include <boucle/boucle.h>
#include <boucle/prefixed.h>

#include <stdio.h>

static void on_call(loop_t *loop, void *userdata) {
  *(int *)userdata = loop == boucle_loop_get_running();
  (void)boucle_loop_stop(loop);
}

int main(void) {
  int called = 0;
  boucle_loop_t *loop = NULL;
  boucle_loop_options_t *options = NULL;
  boucle_loop_callback_fn fn = on_call;
  int works = loop_options_new(&options) == LOOP_OK;
  works = works && boucle_loop_options_set_clock(options, BOUCLE_LOOP_CLOCK_VIRTUAL) == BOUCLE_LOOP_OK;
  works = works && loop_new(options, &loop) == LOOP_OK;
  works = works && boucle_loop_call_later(loop, 1, fn, &called, NULL, NULL) == LOOP_OK && loop_run_forever(loop) == LOOP_OK;
  works = works && called && loop_time(loop) == 1 && boucle_loop_time(loop) == 1;
  works = works && loop_new == boucle_loop_new && event_new == boucle_event_new;
  boucle_loop_options_unref(options);
  loop_unref(loop);
  puts(works ? "both work" : "they are not the same");
  return !works;
}
