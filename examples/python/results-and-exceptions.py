"""Reading the result of a task, reading it too early, and where an exception goes: to whoever awaits, to whoever reads
it from the task, or, if nobody does, to the loop's exception handler."""
import asyncio

from course import sequence, start_timer


def print_exception(before, exception):
    print(f"{before}: {type(exception).__name__}: {exception}")


async def boom(level):
    print(f"boom({level})")
    if level > 0:
        await asyncio.ensure_future(boom(level - 1))
        print("never printed: what was awaited failed, so the task did likewise")
    else:
        raise ValueError("boom!")


def show_report(loop, report):
    print_exception(report["message"], report["exception"])


def result_read_too_early(loop):
    task = loop.create_task(sequence("task", 0.1))
    try:
        task.result()
    except asyncio.InvalidStateError:
        print("too early: InvalidStateError")
    loop.run_until_complete(task)
    print(f"in time: {task.result():g}")


def exception_read_from_the_task(loop):
    task = loop.create_task(boom(4))
    try:
        loop.run_until_complete(task)
    except ValueError:
        print("the run failed")
    print_exception("read from the task", task.exception())


def exception_read_by_nobody(loop):
    other = loop.create_task(sequence("other", 0.1))
    loop.set_exception_handler(show_report)
    loop.create_task(boom(0))
    loop.run_until_complete(other)


loop = asyncio.new_event_loop()
start_timer()
result_read_too_early(loop)
exception_read_from_the_task(loop)
exception_read_by_nobody(loop)
loop.close()
