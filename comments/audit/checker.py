"""The judge of a whole history: whether every reader saw every comment exactly once, in one order, and in time."""

import heapq
from collections import Counter, defaultdict
from itertools import pairwise

from .feeds import FeedJudge
from .history import LIST, POLL, History, Read
from .lists import ListJudge
from .polls import PollJudge
from .truth import Truth
from .verdict import REORDERED, USUAL, Bounds, Judge, Violation

SHOWN_OF_EACH_KIND = 5


def check(history: History, bounds: Bounds = USUAL) -> list[Violation]:
    """All that was promised and not kept."""
    truth = Truth(history)
    violations = judge_order(truth)
    for reader, reads in by_reader(history.reads).items():
        for judge in judges(truth, reader, reads, bounds):
            violations += judge.violations
    return violations


def by_reader(reads: list[Read]) -> dict[str, list[Read]]:
    found = defaultdict(list)
    for read in reads:
        found[read.by].append(read)
    return found


def judges(truth: Truth, reader: str, reads: list[Read], bounds: Bounds) -> list[Judge]:
    """Those that have to do with this reader, after they have heard it all. A reader that follows the change feed
    may also have loaded lists: then it goes on from the last."""
    forms = {read.form for read in reads}
    appointed = {
        ListJudge: LIST in forms,
        PollJudge: POLL in forms,
        FeedJudge: bool(forms - {LIST, POLL}),
    }
    heard = {ListJudge: {LIST}, PollJudge: {POLL}, FeedJudge: forms - {POLL}}
    sitting = [kind(truth, reader, bounds) for kind, is_needed in appointed.items() if is_needed]
    for judge in sitting:
        for read in reads:
            if read.form in heard[type(judge)]:
                judge.take(read)
        judge.finish()
    return sitting


def judge_order(truth: Truth) -> list[Violation]:
    """The one order must be that of real time: what was acknowledged before another began stands before it."""
    posts = [changes[0] for changes in truth.changes.values() if changes[0].timestamp is not None]
    violations = [
        Violation(REORDERED, "the stream", second.id, f"has the same timestamp as {first.id}")
        for first, second in pairwise(sorted(posts, key=lambda post: post.timestamp))
        if first.timestamp == second.timestamp
    ]
    acknowledged, newest = [], None
    for post in sorted(posts, key=lambda post: post.began):
        while acknowledged and acknowledged[0][0] < post.began:
            _, timestamp, id = heapq.heappop(acknowledged)
            newest = max(newest or (timestamp, id), (timestamp, id))
        if newest and newest[0] > post.timestamp:
            what = f"stands before {newest[1]}, which was acknowledged before it was posted"
            violations.append(Violation(REORDERED, "the stream", post.id, what))
        heapq.heappush(acknowledged, (post.ended, post.timestamp, post.id))
    return violations


def report(history: History, violations: list[Violation]) -> str:
    """A few lines for people."""
    lines = [summary(history)]
    lines += [f"  {what}: {count} times" for what, count in Counter(t.what for t in history.troubles).most_common()]
    for kind, count in Counter(violation.kind for violation in violations).most_common():
        lines.append(f"{count} × {kind}, as:")
        some = [violation for violation in violations if violation.kind == kind][:SHOWN_OF_EACH_KIND]
        lines += [f"  {violation.reader}: {violation.id} {violation.what}" for violation in some]
    lines.append("Broken." if violations else "Nothing lost, doubled, out of order, late or made up.")
    return "\n".join(lines)


def summary(history: History) -> str:
    ops = Counter(write.op for write in history.writes if write.ended is not None)
    unknown = sum(write.ended is None for write in history.writes)
    forms = Counter(read.form for read in history.reads)
    readers = len({read.by for read in history.reads})
    seen = sum(len(read.seen) for read in history.reads)
    return (
        f"Acknowledged: {counted(ops)}; never answered: {unknown}. "
        f"{readers} readers got {seen} comments in {counted(forms)} answers."
    )


def counted(counter: Counter) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items())) or "nothing"
