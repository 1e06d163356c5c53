#include "async/trigger.hpp"

namespace boucle {

const NodeType Trigger::kType = {
    [](Loop &, Node &node) noexcept {
      Trigger &trigger = static_cast<Trigger &>(node);
      Future *future = static_cast<Future *>(node.subject);
      Object *target = trigger.target;
      trigger.fire(trigger, *future);  // may end the trigger's life
      future->release();
      target->release();
    },
    [](Loop &, Node &node) noexcept {
      Trigger &trigger = static_cast<Trigger &>(node);
      Future *future = static_cast<Future *>(node.subject);
      Object *target = trigger.target;
      if (future) future->release();
      target->release();
    },
};

const NodeType Alarm::kType = {
    [](Loop &, Node &node) noexcept {
      Future *target = static_cast<Alarm &>(node).target;
      target->set_result(nullptr);  // refused if the waiter was woken otherwise
      target->release();
    },
    [](Loop &, Node &node) noexcept { static_cast<Alarm &>(node).target->release(); },
};

}  // namespace boucle
