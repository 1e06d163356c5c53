"""Two tickers, gathered, and run to completion from code that is not asynchronous."""
import asyncio

from course import show_timer, start_timer


async def ticker(name, ticks, interval):
    for done in range(1, ticks + 1):
        await asyncio.sleep(interval)
        show_timer(f"{name}: tick {done} of {ticks}")


async def both():
    await asyncio.gather(ticker("slow", 3, 0.100), ticker("fast", 6, 0.050))


loop = asyncio.new_event_loop()
start_timer()
loop.run_until_complete(both())
print("both are done")
loop.close()
