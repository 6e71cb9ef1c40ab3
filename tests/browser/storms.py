"""Storms of tests/simulation, played in a browser: `python -m tests.browser.storms --seeds 100000`.

Each seed is one storm around the page's own modules, in simulated time. Prints what is wrong after it, and with
`--first` begins at another seed: to see one again, `--first SEED --seeds 1`.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tqdm import tqdm

from tests.support import needs
from tests.support.chromium import ARGUMENTS
from tests.support.servers import Server

SIMULATION = Path(__file__).resolve().parents[1] / "simulation"
AT_A_TIME = 200
TOGETHER = 20
# Between two turns of the event loop all promises come to rest; a message makes one, and is faster than a timer. Many
# storms share each turn, which takes longer than what happens in it.
PLAY = """async ([first, count, together]) => {
  Error.stackTraceLimit = 1; // in a storm much fails, which is what it is for
  const { play } = await import("/simulation/storm.js");
  const { Session } = await import("/static/js/server/session.js");
  const { parsed } = await import("/static/js/state/grammar.js");
  const { shows } = await import("/static/js/state/views.js");
  const views = new Map();
  const viewOf = (address) => views.get(address) ?? views.set(address, parsed(address)).get(address);
  const lets = (address, comment) => shows(viewOf(address), comment);
  const { port1, port2 } = new MessageChannel();
  const settling = [];
  port1.onmessage = () => settling.splice(0).forEach((resolve) => resolve());
  const settle = () => new Promise((resolve) => settling.push(resolve) === 1 && port2.postMessage(null));
  const wrong = [];
  let next = first;
  const playOn = async () => {
    for (let seed = next++; seed < first + count; seed = next++) {
      for (const sentence of await play(seed, { Session, lets, settle })) wrong.push(`seed ${seed}: ${sentence}`);
    }
  };
  await Promise.all(Array.from({ length: together }, playOn));
  return wrong;
}"""


def play(page: Page, first: int, count: int) -> list[str]:
    """What is wrong after these storms: nothing, if all is well. `page` is any page of a server of ours."""
    page.route("**/simulation/*.js", lambda route: route.fulfill(path=SIMULATION / Path(route.request.url).name))
    return page.evaluate(PLAY, [first, count, TOGETHER])


def play_in_new_browser(url: str, first: int, count: int) -> list[str]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.chromium(), args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"{url}/no-such-page")
        return play(page, first, count)


def play_all(first: int, seeds: int, processes: int) -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder)) as server,
        ProcessPoolExecutor(processes) as pool,
    ):
        parts = [
            pool.submit(play_in_new_browser, server.url, at, min(AT_A_TIME, first + seeds - at))
            for at in range(first, first + seeds, AT_A_TIME)
        ]
        yield from chain.from_iterable(part.result() for part in tqdm(parts, unit_scale=AT_A_TIME, disable=None))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    wrong = list(play_all(given.first, given.seeds, given.processes))
    print("\n".join(wrong) or f"{given.seeds} storms, nothing lost, doubled or out of order.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
