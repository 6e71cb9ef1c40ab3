"""The checker of `audit_delivery`: silent about a stream that is right, and caught by no planted bug.

The stream is `tests.audit.model`; each class here is that stream with one thing done as it was, or might be, done
wrong. The names in the second line of a test case are the hazards.
"""

import pytest

from comments.audit.checker import check, report
from comments.audit.history import LIST, History, Read, Seen, Write, from_line, load, to_line
from comments.audit.verdict import (
    DUPLICATED,
    HIDE,
    LATE,
    LOST,
    PHANTOM,
    REORDERED,
    RESTORE,
    STALE,
    Bounds,
)
from tests.audit.model import MS, Model, Page, Row

pytestmark = pytest.mark.once

SEEDS_OF_THE_RIGHT_ONE = 150
SEEDS_OF_A_BUG = 12


class TimestampFromTheClient(Model):
    """R02"""

    def post(self, id, text, domain, client_ms):
        yield
        row = self.rows.get(id) or self.store(id, text, domain)
        row.timestamp = client_ms
        yield
        return row.timestamp


class NumberTakenOutsideTheTransaction(Model):
    """R01: a sequence gives 7 and 8; 8 is committed first."""

    def post(self, id, text, domain, client_ms):
        numbers = self.tick()
        while self.dice.random() < 0.5:
            yield
        row = self.rows.setdefault(id, Row(id, text, domain, *numbers))
        yield
        return row.timestamp


class SameMillisecond(Model):
    """R01"""

    def tick(self):
        self.timestamp = self.now // MS // 100
        return self.timestamp, super().tick()[1]


class NewestOfAPollThatIsLimited(Model):
    """R04"""

    def newer(self, timestamp, limit):
        return [row for row in self.visible() if row.timestamp > timestamp][-limit:]


class CursorOfTheHeadOnAPageThatIsNotTheLast(Model):
    """R03"""

    def page(self, after, limit):
        return super().page(after, limit)._replace(cursor=self.version)


class CursorFromTheClockOfTheClient(Model):
    """R03"""

    def next_timestamp(self, after, seen):
        return max(after, self.now // MS - 50)


class CursorReadAfterTheRows(Model):
    """R03: what is committed between the two reads is skipped."""

    def changes(self, after, limit):
        yield
        page = self.page(after, limit)
        yield
        return page if page.has_more else page._replace(cursor=self.version)


class ClockAndRowsInTwoStatements(Model):
    """R06: what a bot notes between the two is above the clock, and is left out of the rows."""

    def poll(self, after, limit):
        clock = self.version
        yield
        rows = [row for row in self.visible() if row.timestamp > after and row.version <= clock]
        yield
        return rows[:limit]


class CursorIncluded(Model):
    """R10"""

    def changed(self, after):
        return super().changed(after - 1)


class PollIncludesItsCursor(Model):
    """R10"""

    def newer(self, timestamp, limit):
        return super().newer(timestamp - 1, limit)


class HideWithoutVersion(Model):
    def moderate(self, row, shown):
        yield
        row.shown = shown
        row.version = row.version if not shown else self.tick()[1]
        yield


class RestoreWithoutVersion(Model):
    def moderate(self, row, shown):
        yield
        row.shown = shown
        row.version = self.tick()[1] if not shown else row.version
        yield


class RemovalsLeftOut(Model):
    def passing(self, rows):
        return [change for change in super().passing(rows) if not change.removed]


class RestoredStaysInTheTailAsRemoved(Model):
    def passing(self, rows):
        self.was_removed = getattr(self, "was_removed", set()) | {row.id for row in rows if not row.shown}
        return [
            Seen(change.id, change.version, removed=True) if change.id in self.was_removed else change
            for change in super().passing(rows)
        ]


class TailWithAGap(Model):
    """R08: who is further behind than the tail gets what the tail has."""

    def changed(self, after):
        return super().changed(after)[-4:]


class LimitBeforeFilter(Model):
    """R27: rows of others use up the limit, and the cursor moves on to the head."""

    def page(self, after, limit):
        page = super().page(after, limit)
        return Page(page.seen, self.version, False)


class AnswerAppliedLate(Model):
    """R19: two polls at once; the answer of the first comes last."""

    def changes(self, after, limit):
        page = yield from super().changes(after, limit)
        late = getattr(self, "late", None)
        self.late = page
        return late if late and late.seen and self.dice.random() < 0.1 else page


class ConnectionStartsAtTheHead(Model):
    """R24: what came while a reader was away is dropped."""

    def pushed(self, after, limit, is_new):
        yield
        if is_new:
            return Page([], self.version, False)
        return (yield from super().pushed(after, limit, is_new))


class ConnectionStartsAtWhatIsNewWithoutMovingTheCursor(Model):
    """R24"""

    def pushed(self, after, limit, is_new):
        page = yield from self.changes(after, limit)
        return page._replace(seen=page.seen[1:]) if is_new else page


class ListFromACacheThatWritersDoNotTouch(Model):
    """R09"""

    def newest(self, limit):
        kept_at, kept = getattr(self, "kept", (0, None))
        if kept is None or self.now - kept_at > 1000 * MS:
            self.kept = self.now, [Row(**vars(row)) for row in self.visible()]
        return self.kept[1][-limit:], len(self.kept[1]) > limit


class ListThatTwoWritersRebuildAtOnce(Model):
    """R06: both read it, both add their own, and the second to write wins."""

    def post(self, id, text, domain, client_ms):
        before = dict(self.rows)
        yield
        row = self.rows.get(id) or self.store(id, text, domain)
        self.cached = {**before, id: row}
        yield
        return row.timestamp

    def newest(self, limit):
        visible = [row for row in self.visible() if row.id in self.cached] if hasattr(self, "cached") else []
        return visible[-limit:], len(visible) > limit


class ListEmptyWhileItIsRebuilt(Model):
    """R07"""

    def newest(self, limit):
        return ([], False) if self.dice.random() < 0.05 else super().newest(limit)


class OldestInsteadOfNewestInTheList(Model):
    """R05"""

    def newest(self, limit):
        return self.visible()[:limit], len(self.visible()) > limit


class RetryStoredTwice(Model):
    """R55"""

    def post(self, id, text, domain, client_ms):
        yield
        row = self.store(f"{id}+" if id in self.rows else id, text, domain)
        yield
        return row.timestamp


class AnsweredBeforeTheCommit(Model):
    """R74"""

    def post(self, id, text, domain, client_ms):
        timestamp = yield from super().post(id, text, domain, client_ms)
        if domain == "audit" and self.dice.random() < 0.05:
            del self.rows[id]  # killed between the two
        return timestamp


class RolledBackButSeen(Model):
    def page(self, after, limit):
        page = super().page(after, limit)
        if self.dice.random() < 0.05:
            page.seen.append(Seen(f"draft {self.now}", self.tick()[1], self.timestamp, "never committed"))
            return page._replace(cursor=self.version, has_more=False)
        return page


class WordsOfAnother(Model):
    def passing(self, rows):
        seen = super().passing(rows)
        if len(seen) > 1:
            seen[0].text, seen[1].text = seen[1].text, seen[0].text
        return seen


class NudgeLostAndNoSafetyTick(Model):
    """R22: a connection hears of what came while it was quiet only after a long time."""

    def pushed(self, after, limit, is_new):
        deadline = self.now if is_new else self.now + 9000 * MS
        while self.now < deadline and self.writing:
            yield
        return (yield from super().pushed(after, limit, is_new))


class TwoOrders(Model):
    """R16: the feed hands out its page newest first."""

    def passing(self, rows):
        return super().passing(rows)[::-1]


class ListCursorTooOld(Model):
    """The feed repeats what the list had already."""

    def load(self, name):
        return (yield from super().load(name)) - 200_000


class ListCursorTooNew(Model):
    """The feed skips what the list did not have."""

    def load(self, name):
        yield from super().load(name)
        return self.version


PLANTED = {
    TimestampFromTheClient: REORDERED,
    NumberTakenOutsideTheTransaction: LOST,
    SameMillisecond: REORDERED,
    NewestOfAPollThatIsLimited: LOST,
    CursorOfTheHeadOnAPageThatIsNotTheLast: LOST,
    CursorFromTheClockOfTheClient: LOST,
    CursorReadAfterTheRows: LOST,
    ClockAndRowsInTwoStatements: LOST,
    CursorIncluded: DUPLICATED,
    PollIncludesItsCursor: DUPLICATED,
    HideWithoutVersion: HIDE,
    RestoreWithoutVersion: RESTORE,
    RemovalsLeftOut: HIDE,
    RestoredStaysInTheTailAsRemoved: RESTORE,
    TailWithAGap: LOST,
    LimitBeforeFilter: LOST,
    AnswerAppliedLate: REORDERED,
    ConnectionStartsAtTheHead: LOST,
    ConnectionStartsAtWhatIsNewWithoutMovingTheCursor: LOST,
    ListFromACacheThatWritersDoNotTouch: STALE,
    ListThatTwoWritersRebuildAtOnce: LOST,
    ListEmptyWhileItIsRebuilt: STALE,
    OldestInsteadOfNewestInTheList: LOST,
    RetryStoredTwice: DUPLICATED,
    AnsweredBeforeTheCommit: LOST,
    RolledBackButSeen: PHANTOM,
    WordsOfAnother: PHANTOM,
    NudgeLostAndNoSafetyTick: LATE,
    TwoOrders: REORDERED,
    ListCursorTooOld: DUPLICATED,
    ListCursorTooNew: LOST,
}


@pytest.mark.parametrize("start", range(0, SEEDS_OF_THE_RIGHT_ONE, 10))
def test_a_stream_that_is_right_is_never_blamed(start):
    for seed in range(start, start + 10):
        assert check(Model(seed).run()) == []


@pytest.mark.parametrize("model", PLANTED, ids=lambda model: model.__name__)
def test_a_planted_bug_is_caught(model):
    caught = [{violation.kind for violation in check(model(seed).run())} for seed in range(SEEDS_OF_A_BUG)]
    assert any(PLANTED[model] in kinds for kinds in caught)
    assert sum(map(bool, caught)) >= SEEDS_OF_A_BUG // 2


def test_there_are_bugs_of_every_kind():
    assert set(PLANTED.values()) == {LOST, DUPLICATED, REORDERED, LATE, PHANTOM, HIDE, RESTORE, STALE}


# What is legal, and what is not, in small


def post(id: str, began: int, ended: int | None, timestamp: int | None) -> Write:
    return Write("poster", "post", id, began, ended, timestamp, f"words of {id}")


def moderation(op: str, id: str, began: int, ended: int) -> Write:
    return Write("moderator", op, id, began, ended)


def poll(began: int, ended: int, after: int, *timestamps: int) -> Read:
    """A poll with the comments of these timestamps; comment 7 is the one that was posted at 7."""
    seen = [Seen(str(timestamp), None, timestamp, f"words of {timestamp}") for timestamp in timestamps]
    return Read("reader", "poll", began, ended, seen, after)


def kinds(writes: list[Write], *reads: Read, **bounds: int) -> list[str]:
    return [violation.kind for violation in check(History(writes, list(reads)), Bounds(**bounds))]


def test_a_poll_may_miss_what_was_hidden_when_it_passed_and_restored_later():
    writes = [post("1", 1, 2, 1), post("5", 5, 6, 5)]
    hidden = [moderation("hide", "1", 3, 4), moderation("restore", "1", 20, 21)]
    assert kinds(writes + hidden, poll(10, 11, 0, 5), poll(30, 31, 5)) == []
    assert kinds(writes, poll(10, 11, 0, 5), poll(30, 31, 5)) == [LOST]


def test_a_poll_may_not_pass_a_comment_because_it_is_not_acknowledged_yet():
    writes = [post("1", 1, 40, 1), post("5", 5, 6, 5)]
    assert kinds(writes, poll(10, 11, 0, 5), poll(50, 51, 5)) == [LOST]


def test_a_post_that_was_never_answered_may_have_happened_or_not():
    writes = [post("1", 1, None, None), post("5", 50, 51, 5)]
    assert kinds(writes, poll(10, 11, 0), poll(60, 61, 0, 5)) == []
    assert kinds(writes, poll(10, 11, 0, 1), poll(60, 61, 1, 5)) == []


def test_what_one_reader_has_seen_no_later_one_may_miss():
    witness = Read("witness", LIST, 10, 11, [Seen("1", None, 1, "words of 1")])
    writes = [post("1", 1, None, None), post("5", 50, 51, 5)]
    assert kinds(writes, witness, poll(60, 61, 0, 5)) == [LOST]


def test_an_answer_of_a_shared_cache_may_be_as_old_as_the_operator_says():
    writes = [post("1", 1, 2, 1)]
    cached = poll(10, 11, 0)
    cached.fresh = False
    assert kinds(writes, cached, poll(30, 31, 0, 1)) == [STALE]
    assert kinds(writes, cached, poll(30, 31, 0, 1), stale_ns=10) == []


def test_changes_of_one_comment_between_two_polls_fold_into_one():
    writes = [post("1", 1, 2, 1), moderation("hide", "1", 3, 4), moderation("restore", "1", 5, 6)]
    folded = Read("reader", "changes", 10, 11, [Seen("1", 9, 1, "words of 1")])
    assert kinds(writes, folded) == []


def test_what_comes_to_a_waiting_reader_after_the_bound_is_late():
    writes = [post("1", 1, 2, 1)]
    waited = Read("reader", "long poll", 0, 100, [Seen("1", 9, 1, "words of 1")], listening=0)
    assert kinds(writes, waited, late_ns=50) == [LATE]
    assert kinds(writes, waited, late_ns=99) == []


def test_a_history_is_the_same_after_it_was_written_down(tmp_path):
    history = Model(1).run()
    lines = [to_line(record) for record in history.writes + history.reads]
    assert [from_line(line) for line in lines] == history.writes + history.reads
    (tmp_path / "history").write_text("\n".join(lines) + '\n{"write": {"by": "cut sh')
    assert load([tmp_path / "history"]) == history


def test_the_report_is_short_and_says_what_is_wrong():
    history = RemovalsLeftOut(2).run()
    lines = report(history, check(history)).splitlines()
    assert lines[0].startswith("Acknowledged: ")
    assert any("× hide that did not arrive" in line for line in lines)
    assert lines[-1] == "Broken."
    assert len(lines) < 30
    assert report(history, []).splitlines()[-1] == "Nothing lost, doubled, out of order, late or made up."
