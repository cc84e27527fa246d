"""aiohttp as a contender: ORIGIN TARGET CONNECTIONS; speaks as client-process.mjs does."""

import asyncio
import json
import sys
import time

import aiohttp


async def rounds(origin, target, connections):
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        say({"ready": f"aiohttp {aiohttp.__version__}, Python {sys.version.split()[0]}"})
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            say(await run(session, origin + target, connections, float(line.split()[1]) / 1000))


async def run(session, url, connections, seconds):
    cpu, started = time.process_time(), time.perf_counter()
    count = 0

    async def lane():
        nonlocal count
        while True:
            async with session.get(url) as response:
                await response.text()
            count += 1
            if time.perf_counter() - started >= seconds:
                return

    await asyncio.gather(*(lane() for _ in range(connections)))
    elapsed = time.perf_counter() - started
    return {"count": count, "elapsedMs": elapsed * 1000, "cpuUs": (time.process_time() - cpu) * 1e6}


def say(message):
    print(json.dumps(message), flush=True)


asyncio.run(rounds(sys.argv[1], sys.argv[2], int(sys.argv[3])))
