"""The helpers of the course: a timer that prints elapsed time, and sequence()."""
import asyncio
import time

timer_start = 0.0


def start_timer():
    global timer_start
    timer_start = time.monotonic()


def show_timer(message):
    print(f"{time.monotonic() - timer_start:.2f}s {message}", flush=True)


async def sequence(name, delay):
    show_timer(f"{name} before")
    await asyncio.sleep(delay)
    show_timer(f"{name} after")
    return 10 * delay
