/* Without a header: loop_*, task_* and future_* by their short names, and all functions by their symbols. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int same(void *library, const char *name) {
  char symbol[64] = "boucle_";
  void *found = dlsym(library, name);
  return found != NULL && found == dlsym(library, strcat(symbol, name));
}

int main(void) {
  void *library = dlopen("libboucle.so.1", RTLD_NOW);
  int works = library && same(library, "loop_new") && same(library, "loop_ensure_future") &&
              same(library, "loop_run_until_complete") && same(library, "loop_run_forever") && same(library, "loop_stop") &&
              same(library, "task_result") && same(library, "task_exception") && same(library, "future_result");
  works = works && !dlsym(library, "event_new") && !dlsym(library, "value_ref") && dlsym(library, "boucle_event_new");
  puts(works ? "both work" : dlerror());
  return !works;
}
