"""Requests as fast as they are answered, made by wrk."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

INSTALLING = "wrk makes the load: apt install wrk, or build it from its repository, wg/wrk on GitHub."
POSTS = Path(__file__).with_name("posts.lua")


def program() -> str:
    return shutil.which("wrk") or sys.exit(INSTALLING)


def requests_per_second(url: str, seconds: float, connections: int, *options: str) -> float:
    """Raises RuntimeError if any answer was an error."""
    command = [program(), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout=20s", *options, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{url} gave errors:\n{said}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def gets(url: str, seconds: float, connections: int = 64) -> float:
    return requests_per_second(url, seconds, connections, "-H", "Accept-Encoding: gzip")


def posts(url: str, seconds: float, connections: int = 16) -> float:
    """Each from one of 60,000 visitors, by what the proxy says."""
    return requests_per_second(url, seconds, connections, "-s", str(POSTS))
