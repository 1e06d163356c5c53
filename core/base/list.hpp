// List: an intrusive circular doubly linked list. It allocates nothing, and all operations but a walk are O(1).
//
// Invariants: (1) the pointers of an unlinked Link are nullptr; (2) a Link is on one list at most.
#pragma once

namespace boucle {

struct Link {
  Link *next = nullptr;
  Link *prev = nullptr;

  bool linked() const noexcept { return next != nullptr; }
  void unlink() noexcept {
    next->prev = prev;
    prev->next = next;
    next = prev = nullptr;
  }
};

class List {
 public:
  List() noexcept { reset(); }
  List(const List &) = delete;
  List &operator=(const List &) = delete;

  bool empty() const noexcept { return head_.next == &head_; }
  Link *front() const noexcept { return head_.next; }
  Link *back() const noexcept { return head_.prev; }
  // Where a walk ends: for (Link *l = list.front(); l != list.end(); l = l->next)
  const Link *end() const noexcept { return &head_; }

  void push_back(Link &link) noexcept {
    link.prev = head_.prev;
    link.next = &head_;
    head_.prev->next = &link;
    head_.prev = &link;
  }
  void push_front(Link &link) noexcept {
    link.next = head_.next;
    link.prev = &head_;
    head_.next->prev = &link;
    head_.next = &link;
  }
  Link *pop_front() noexcept {
    Link *link = head_.next;
    head_.next = link->next;
    link->next->prev = &head_;
    link->next = link->prev = nullptr;
    return link;
  }
  // If the list has exactly one link, removes and returns it; else returns nullptr.
  Link *pop_only() noexcept {
    Link *link = head_.next;
    if (link != head_.prev || link == &head_) return nullptr;
    link->next = link->prev = nullptr;
    reset();
    return link;
  }
  // Makes the list empty without a look at its links, which the caller has put on other lists.
  void clear() noexcept { reset(); }
  // Moves all links of `other` to the end of this list.
  void splice_back(List &other) noexcept {
    if (other.empty()) return;
    Link *first = other.head_.next, *last = other.head_.prev;
    first->prev = head_.prev;
    last->next = &head_;
    head_.prev->next = first;
    head_.prev = last;
    other.reset();
  }
  // Moves all links of `other` to the front of this list.
  void splice_front(List &other) noexcept {
    if (other.empty()) return;
    Link *first = other.head_.next, *last = other.head_.prev;
    last->next = head_.next;
    first->prev = &head_;
    head_.next->prev = last;
    head_.next = first;
    other.reset();
  }

 private:
  void reset() noexcept { head_.next = head_.prev = &head_; }
  Link head_;
};

}  // namespace boucle
