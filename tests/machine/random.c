/* Random numbers, times and texts. Each is noted as an argument of the present call. */
#include "machine.h"

#include <math.h>
#include <stddef.h>

/* splitmix64 */
uint64_t random_bits(void) {
  uint64_t z = m->state += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

unsigned below(unsigned bound) { return bound ? (unsigned)(random_bits() % bound) : 0; }

int chance(unsigned percent) { return below(100) < percent; }

int number(int low, int high) {
  int drawn = low + (int)below((unsigned)(high - low + 1));
  note_argument('#', drawn);
  return drawn;
}

/* A time that a function must see through. */
double seconds(void) {
  static const double usual[] = {0, 0, -1, 1e-9, 0.001, 0.5, 1, 2, 3};
  static const double odd[] = {NAN, -INFINITY, INFINITY, 1e300, -1e300, -0.0, 1e10};
  double drawn = usual[below(sizeof usual / sizeof *usual)];
  if (chance(8)) drawn = odd[below(sizeof odd / sizeof *odd)];
  if (m->world >= LIVE && drawn > 0.001) drawn = 0.001;
  note_argument('s', drawn);
  return drawn;
}

const char *text(void) {
  static const char *const texts[] = {"", "a", "some words", "ValueError", "\xff not UTF-8", NULL};
  const unsigned drawn = below(sizeof texts / sizeof *texts);
  note_argument('t', drawn);
  return texts[drawn];
}

const char *exception_kind_text(void) {
  static const char *const kinds[] = {"ValueError",   "CancelledError", "TimeoutError", "GeneratorExit", "OwnError",
                                      "RuntimeError", "OSError",        "Exception",    "BaseException"};
  unsigned drawn = below(sizeof kinds / sizeof *kinds + 1);
  note_argument('t', drawn);
  if (m->world < THREADED && chance(3)) return chance(50) ? "SystemExit" : "KeyboardInterrupt";
  return drawn < sizeof kinds / sizeof *kinds ? kinds[drawn] : NULL;
}
