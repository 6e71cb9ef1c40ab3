"""Runs mutmut over rooms, over all of each or over a sample: `bin/mutate reading api --sample 60 --minutes 20`.

Which faults a sample has depends on the seed and on the code alone; when the time is up, what was tried until then is
as good a sample, only smaller.
"""

import argparse
import random
import signal
from collections import Counter
from fnmatch import fnmatch
from itertools import chain, zip_longest

import mutmut.__main__ as mutmut
from _pytest.mark import Mark
from mutmut.stats import status_by_exit_code

ROOMS = {
    room: [f"comments.{room}.*"]
    for room in ("stream", "writing", "reading", "api", "history", "callers", "bots", "hooks")
}
CLOSELY = (
    *("reading.tail", "reading.table", "reading.news", "reading.hints", "stream.clock", "stream.queryset"),
    *("writing.posting", "api.consumers", "api.fastlane"),
)
ROOMS["closely"] = [f"comments.{module}.*" for module in CLOSELY]
KILLED = {"killed", "timeout"}
COULD_NOT_BEGIN = 255  # of tests that pytest did not find, as of all that raises there; mutmut calls it a timeout


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/mutate")
    parser.add_argument("rooms", nargs="+", choices=ROOMS)
    parser.add_argument("--sample", type=int, help="so many faults of each, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--minutes", type=float, help="what is not tried by then, is not tried")
    parser.add_argument("--children", type=int, help="so many at the same time; as many as there are cores")
    return parser.parse_args()


class Samples:
    """The faults that are tried: those of each room by their names, and what came of them."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.of: dict[str, list[str]] = {room: [] for room in asked.rooms}
        self.faults: dict[str, tuple] = {}

    def choose_from(self, faults: list[tuple]) -> list[tuple]:
        """In turns, one of each room, so that time that runs out is as short for all."""
        for room in self.of:
            names = sorted(name for _, name, _ in faults if any(fnmatch(name, pattern) for pattern in ROOMS[room]))
            most = len(names) if self.asked.sample is None else min(self.asked.sample, len(names))
            self.of[room] = random.Random(self.asked.seed).sample(names, most)
        in_turns = dict.fromkeys(name for name in chain(*zip_longest(*self.of.values())) if name)
        by_name = {fault[1]: fault for fault in faults}
        self.faults = {name: by_name[name] for name in in_turns}
        for data, name, _ in self.faults.values():
            data.exit_code_by_key[name] = None
        return list(self.faults.values())

    def result_of(self, name: str) -> str:
        data, _, _ = self.faults[name]
        code = data.exit_code_by_key[name]
        return "broken" if code == COULD_NOT_BEGIN else status_by_exit_code[code]

    def tell(self) -> None:
        for name in sorted(self.faults):
            if self.result_of(name) not in KILLED | {"not checked"}:
                print(f"{self.result_of(name):9}", name)
        for room, names in self.of.items():
            counts = Counter(self.result_of(name) for name in names)
            tried = len(names) - counts.pop("not checked", 0)
            killed = sum(counts[result] for result in KILLED)
            print(f"{room}: {tried} tried, {killed} killed: {killed / max(tried, 1):.0%}", dict(counts))


def let_mutmut_choose(samples: Samples) -> None:
    collect = mutmut.collect_source_file_mutation_data

    def collect_sampled(*, mutant_names):
        faults, by_path = collect(mutant_names=mutant_names)
        return samples.choose_from(faults), by_path

    mutmut.collect_source_file_mutation_data = collect_sampled
    mutmut.estimated_worst_case_time = lambda name: 0  # by which it would sort them


def let_pytest_find_tests_again() -> None:
    """It collects twice in a process, and would escape the names that it has kept once more."""
    Mark._param_ids_generated = property(lambda mark: None, lambda mark, names: None)


def main() -> None:
    asked = options()
    let_pytest_find_tests_again()
    samples = Samples(asked)
    let_mutmut_choose(samples)
    if asked.minutes:
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, asked.minutes * 60)
    try:
        mutmut.run.callback(mutant_names=[*chain(*map(ROOMS.get, asked.rooms))], max_children=asked.children)
    finally:
        samples.tell()


if __name__ == "__main__":
    main()
