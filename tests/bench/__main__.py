"""The benchmark; `bin/bench --help` tells its options. Exits with 1 if anything demanded is missed."""

import argparse
import os
import sys

from tests.bench import capacity, claiming, cores, hiding, proxy, report, searching, town  # noqa: F401, some add cases
from tests.bench.cases import CASES, Case
from tests.bench.report import Result
from tests.bench.servers import Bench
from tests.support.servers import PROGRAMS


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures this site against the least possible.")
    parser.add_argument("--case", action="append", help="only this one; may stand several times")
    parser.add_argument("--server", action="append", choices=PROGRAMS, help="only this one; may stand several times")
    parser.add_argument("--rounds", type=int, default=5, help="how often each case is measured (5)")
    parser.add_argument("--seconds", type=float, default=4, help="how long each time (4)")
    parser.add_argument("--quick", action="store_true", help="one short round with small crowds, to see that it works")
    parser.add_argument("--markdown", action="store_true", help="print the table of docs/performance.md")
    return parser.parse_args()


def main() -> int:
    asked = options()
    os.sched_setaffinity(0, cores.FOR_LOAD)
    show = report.as_markdown if asked.markdown else report.as_text
    print(show(report.HEADINGS))
    if asked.markdown:
        print("| --- | --- | --- | --- | --- | --- | --- |")
    met = True
    for case in chosen(asked.case):
        for program in asked.server or PROGRAMS:
            bench = Bench(program, 1, 0.1) if asked.quick else Bench(program, asked.seconds)
            result = measure(case, bench, 1 if asked.quick else asked.rounds)
            print(show(result.cells()), flush=True)
            met = met and result.is_met
    print(f"\n{report.machine()}")
    return 0 if met else 1


def chosen(names: list[str] | None) -> list[Case]:
    if unknown := set(names or []) - {case.name for case in CASES}:
        sys.exit(f"There is no case {', '.join(unknown)}. There are: {', '.join(case.name for case in CASES)}")
    return [case for case in CASES if not names or case.name in names]


def measure(case: Case, bench: Bench, rounds: int) -> Result:
    """The product and its baseline in turn, so that whatever else the machine does falls on both."""
    ours, baselines = [], []
    with case.pair(bench) as (our, baseline):
        for _ in range(rounds):
            ours.append(our())
            if baseline:
                baselines.append(baseline())
    return Result(case, bench.program, ours, baselines)


if __name__ == "__main__":
    sys.exit(main())
