"""c1 forks c2 and ends before it; c2 stops the loop at its end."""
import asyncio

from course import sequence, show_timer, start_timer

forked = set()  # asyncio itself holds its tasks only weakly


async def c2():
    await sequence("c2: long", 0.3)
    show_timer("c2 stops the loop")
    asyncio.get_running_loop().stop()


async def c1():
    await sequence("c1: first", 0.1)
    show_timer("c1 forks c2")
    forked.add(asyncio.ensure_future(c2()))
    await sequence("c1: second", 0.1)
    show_timer("c1 ends")


loop = asyncio.new_event_loop()
forked.add(loop.create_task(c1()))
start_timer()
loop.run_forever()
print("bye")
loop.close()
