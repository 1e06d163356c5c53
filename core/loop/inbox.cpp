#include "loop/inbox.hpp"

#include <cstdlib>
#include <new>

namespace boucle {

Inbox::~Inbox() {
  for (Blocks *blocks : {&spare_, &spent_}) {
    while (Link *block = blocks->first) {
      blocks->first = block->next;
      std::free(static_cast<Calls *>(block));
    }
  }
}

Calls *Inbox::new_block(Calls::Kind kind, uint16_t size, Sharing sharing) noexcept {
  void *memory;
  if (sharing == Sharing::Shared && spare_.first) {
    memory = static_cast<Calls *>(spare_.first);
    spare_.first = spare_.first->next;
    --spare_.count;
    size = Calls::kMostPosted;
  } else {
    memory = std::malloc(size);
  }
  return memory ? new (memory) Calls(kind, true, size) : nullptr;
}

void Inbox::give_back(Calls &block) noexcept {
  if (block.calls.size < Calls::kMostPosted || spent_.count == kSpares) return std::free(&block);
  block.next = std::exchange(spent_.first, &block);
  ++spent_.count;
}

}  // namespace boucle
