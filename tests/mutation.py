"""Runs mutmut over a room, over all of it or over a sample: `bin/mutate reading --sample 60 --seed 1 --minutes 20`.

Which faults a sample has depends on the seed and on the code alone; when the time is up, what was tried until then is
as good a sample, only smaller.
"""

import argparse
import random
import signal
from collections import Counter

import mutmut.__main__ as mutmut
from mutmut.stats import status_by_exit_code

ROOMS = ("stream", "writing", "reading", "api", "history", "callers", "bots")
CLOSELY = (
    *("reading.tail", "reading.table", "reading.news", "reading.hints", "stream.clock", "stream.queryset"),
    *("writing.posting", "api.consumers", "api.fastlane"),
)
KILLED = {"killed", "timeout"}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/mutate")
    parser.add_argument("room", choices=[*ROOMS, "all", "closely"])
    parser.add_argument("--sample", type=int, help="so many faults, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--minutes", type=float, help="what is not tried by then, is not tried")
    parser.add_argument("--children", type=int, help="so many at the same time; as many as there are cores")
    return parser.parse_args()


def patterns(room: str) -> list[str]:
    if room == "closely":
        return [f"comments.{module}.*" for module in CLOSELY]
    return [f"comments.{name}.*" for name in (ROOMS if room == "all" else [room])]


def choose(asked: argparse.Namespace) -> list:
    """Let mutmut try those that were asked for, in their order; the list of them, filled while it runs."""
    collect, chosen = mutmut.collect_source_file_mutation_data, []

    def choose_from(*, mutant_names):
        found, by_path = collect(mutant_names=mutant_names)
        most = len(found) if asked.sample is None else min(asked.sample, len(found))
        for data, name, _ in random.Random(asked.seed).sample(sorted(found, key=lambda each: each[1]), most):
            data.exit_code_by_key[name] = None
            chosen.append((data, name, None))
        return chosen, by_path

    mutmut.collect_source_file_mutation_data = choose_from
    mutmut.estimated_worst_case_time = lambda name: 0  # by which it would sort
    return chosen


def tell(chosen: list) -> None:
    results = {name: status_by_exit_code[data.exit_code_by_key[name]] for data, name, _ in chosen}
    for name, result in sorted(results.items()):
        if result not in KILLED | {"not checked"}:
            print(f"{result:9}", name)
    counts = Counter(results.values())
    tried = len(results) - counts["not checked"]
    killed = sum(counts[result] for result in KILLED)
    print(f"{tried} of {len(results)} tried, {killed} killed: {killed / max(tried, 1):.0%}", dict(counts))


def main() -> None:
    asked = options()
    chosen = choose(asked)
    if asked.minutes:
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, asked.minutes * 60)
    try:
        mutmut.run.callback(mutant_names=patterns(asked.room), max_children=asked.children)
    finally:
        tell(chosen)


if __name__ == "__main__":
    main()
