/* Two loops in one program, used in turn. */
#include <stdio.h>

#include "coexist.h"

int main(void) {
  int works = boucle_begin() && other_begin();
  for (int round = 0; works && round < 100; round++) works = boucle_works() && other_works();
  other_end();
  boucle_end();
  puts(works ? "both work" : "they do not coexist");
  return !works;
}
