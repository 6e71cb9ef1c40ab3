"""How the page fares on a slow phone in a busy stream: `python -m tests.browser.slowed` prints the tables of
docs/performance.md. `--quick` is to see that it works.

Input: Chromium with a CPU slowed four times, at 20 and at 100 messages a second, with filters off and on. While they
come, somebody types; what counts is how long it takes from a key to the frame that shows it.

Growth: 10,000 messages and eight hours of the page's own clock; then nodes and memory are what they were at first.

Exits with 1 if anything demanded is missed.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import history, import_into, wait_until
from tests.support import needs
from tests.support.chromium import ARGUMENTS
from tests.support.servers import UNLIMITED, Server

SLOWED = 4
LESS_URGENT = 10
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DEMANDED_MS = {20: 100, 100: 200}
KEYS_APART_MS = 100
POSTERS = 16
SPEAKERS = 10
HALF_OF_THEM = "#u=" + "+".join(f"speaker%20{number}" for number in range(0, SPEAKERS, 2)) + "&-word=zzz&word=message"
VIEWS = {"off": "", "on": HALF_OF_THEM}
MESSAGES, HOURS, STEPS = 10_000, 8, 10
MOST_GROWTH = 1.1
# Every id that was ever shown, and how long each key took until its frame was painted.
WATCH = """
  window.shown = new Set();
  window.waits = [];
  addEventListener("DOMContentLoaded", () => {
    const note = (item) => item.id?.startsWith("comment-") && shown.add(item.id.slice("comment-".length));
    new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(note))).observe(
      document.querySelector("#comments"), { childList: true });
  });
  addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => waits.push(performance.now() - timeStamp);
    port2.postMessage(null);
  }), true);
"""


@dataclass
class Case:
    """`seconds` of a stream with so many messages a second, seen through a view."""

    rate: int
    view: str
    seconds: float


@dataclass
class Measured:
    waits: list[float]  # how long each key took, in ms
    missed: int
    rate: float  # of messages, as it came to be


def post(server: Server, case: Case) -> tuple[list[str], float]:
    """At an even pace, by several clients: the ids of what the view shows, and how many a second it came to."""
    start = time.monotonic()

    def say(number: int) -> str | None:
        time.sleep(max(0, start + number / case.rate - time.monotonic()))
        speaker = number % SPEAKERS
        said = server.post(
            {"text": f"message {number} of many, with some more words", "username": f"speaker {speaker}"}
        )
        return said.json()["id"] if not case.view or speaker % 2 == 0 else None

    with ThreadPoolExecutor(POSTERS) as pool:
        ids = list(pool.map(say, range(int(case.rate * case.seconds))))
    return list(filter(None, ids)), len(ids) / (time.monotonic() - start)


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=60_000)


def measure(browser: Browser, server: Server, case: Case) -> Measured:
    context = browser.new_context(**PHONE)
    context.add_init_script(WATCH)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    opened(page, f"{server.url}/{case.view}")
    page.focus("#text")
    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(post, server, case)
        while not posting.done():
            page.keyboard.type("a")
            page.wait_for_timeout(KEYS_APART_MS)
    ids, rate = posting.result()
    measured = Measured(missed=missed_of(page, ids), waits=page.evaluate("waits"), rate=rate)
    context.close()
    return measured


def missed_of(page: Page, ids: list[str]) -> int:
    def missed() -> int:
        return page.evaluate("(ids) => ids.filter((id) => !shown.has(id)).length", ids)

    try:
        wait_until(lambda: missed() == 0, 20, page)
    except AssertionError:
        pass
    return missed()


def report_input(browser: Browser, server: Server, seconds: float) -> bool:
    print("| messages a second | reached | filters | keys | from key to frame, median | p98 | demanded | missed |  |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    met = True
    for (rate, most), (name, view) in product(DEMANDED_MS.items(), VIEWS.items()):
        measured = measure(browser, server, Case(rate, view, seconds))
        keys = len(measured.waits)
        median, p98 = (sorted(measured.waits)[int(keys * part)] for part in (0.5, 0.98))
        is_met = p98 <= most and measured.missed == 0
        met = met and is_met
        waits = f"{median:.0f} ms", f"{p98:.0f} ms", f"≤ {most} ms"
        cells = rate, f"{measured.rate:.0f}", name, keys, *waits, measured.missed
        print("|", " | ".join(map(str, [*cells, said(is_met)])), "|", flush=True)
    return met


def said(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def report_growth(browser: Browser, server: Server, messages: int) -> bool:
    print("\n| messages | hours | nodes | memory of the script |")
    print("| --- | --- | --- | --- |")
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.clock.install()
    opened(page, server.url)
    counts = counter(page)
    sizes = []
    for step in range(1, STEPS + 1):
        last = post(server, Case(400, "", messages / STEPS / 400))[0][-1]
        page.clock.run_for(HOURS * 3_600_000 // STEPS)
        expect(page.locator(f"[id='comment-{last}']")).to_be_attached(timeout=60_000)
        sizes.append(counts())
        cells = f"{step * messages // STEPS:,}", step * HOURS / STEPS, f"{sizes[-1][0]:,}", f"{sizes[-1][1]:.1f} MB"
        print("|", " | ".join(map(str, cells)), "|", flush=True)
    context.close()
    return all(now <= MOST_GROWTH * then for now, then in zip(sizes[-1], sizes[1], strict=True))


def counter(page: Page) -> Callable[[], tuple[float, float]]:
    """Counts the page's nodes, and the megabytes of its heap after what is garbage has gone."""
    inside = page.context.new_cdp_session(page)
    inside.send("Performance.enable")

    def counts() -> tuple[float, float]:
        inside.send("HeapProfiler.collectGarbage")
        found = {metric["name"]: metric["value"] for metric in inside.send("Performance.getMetrics")["metrics"]}
        return int(found["Nodes"]), found["JSHeapUsedSize"] / 1e6

    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long each stream lasts (30)")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder), "uvicorn", **UNLIMITED)  # which leaves the browser the most of two cores
        server.manage("collectstatic", "--noinput", "-v0")
        server.manage("migrate", "-v0")
        import_into(server, history(1000))
        browser = playwright.chromium.launch(executable_path=needs.chromium(), args=ARGUMENTS)
        os.nice(LESS_URGENT)  # than the browser: a phone does not share its processor with the server
        with server:
            met = report_input(browser, server, 3 if given.quick else given.seconds)
            met = report_growth(browser, server, 1000 if given.quick else MESSAGES) and met
        browser.close()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
