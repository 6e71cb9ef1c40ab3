"""A crowd that searches: `python -m tests.bench.visitors PORT COUNT`, until it is ended. In a process of its own, so
that it takes nothing from whoever measures.

Each visitor asks for what is costly, again as soon as it is answered, whatever the answer asks it to wait. They may be
told that it is too much; any other answer than that or a list ends the crowd.
"""

import asyncio
import sys
from urllib.parse import quote

COSTLY = ["zebra", "~", "zq", "x"]  # absent words, and letters that no index has
ALLOWED = (200, 503)


async def visit(port: int, number: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path = f"/api/comments?search={quote(COSTLY[number % len(COSTLY)])}"
    while True:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if (status := int(head.split()[1])) not in ALLOWED:
            sys.exit(f"a search was answered with {status}")
        length = next(line for line in head.splitlines() if line.startswith("content-length:"))
        await reader.readexactly(int(length.split(":")[1]))


async def crowd(port: int, count: int) -> None:
    await asyncio.gather(*(visit(port, number) for number in range(count)))


if __name__ == "__main__":
    asyncio.run(crowd(int(sys.argv[1]), int(sys.argv[2])))
