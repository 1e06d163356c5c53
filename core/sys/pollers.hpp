// Pollers: the functions that make each kind of Io, and what they have in common.
#pragma once

#include <time.h>

#include "sys/io.hpp"

namespace boucle {

Status make_epoll(std::unique_ptr<Io> &ret_io) noexcept;
Status make_poll(std::unique_ptr<Io> &ret_io) noexcept;

// Io::perform() for pollers: makes a system call that does not wait.
bool transfer_now(Transfer &transfer) noexcept;

inline timespec to_timespec(int64_t ns) noexcept { return {ns / 1'000'000'000, static_cast<long>(ns % 1'000'000'000)}; }

}  // namespace boucle
