"""What a first run_until_complete leaves unfinished goes on in a later run_forever."""
import asyncio

from course import sequence, start_timer

loop = asyncio.new_event_loop()
start_timer()
lengthy = loop.create_task(sequence("lengthy", 0.3))
brief = loop.create_task(sequence("brief", 0.1))

print(f"brief returned {loop.run_until_complete(brief):g}")
print("lengthy is", "done" if lengthy.done() else "not done")

lengthy.add_done_callback(lambda _: loop.stop())
loop.run_forever()
print(f"lengthy returned {lengthy.result():g}")
loop.close()
