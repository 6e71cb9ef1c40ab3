"""What is done, what is said about it, and how it is undone. All of it goes through the verbs, and into the record."""

import time
from collections import Counter
from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Max

from comments.errors import Refused
from comments.stream.comment import Comment
from comments.stream.queryset import MOVES, CommentQuerySet, State
from comments.stream.record import Act, Record
from comments.templatetags.stream import moment
from comments.writing import reports
from comments.writing.bans import FOR_GOOD, Ban, ban_author, lift

from .choice import Order
from .rows import DONE, mark

UNDO_SECONDS = 600
UNDONE = "undo"  # the reason of what undoes
ACTS_SHOWN = 3
NAMED = 3
# How a comment gets back to the state that it had: the verb, by the state in which it is now.
BACK = {
    State.VISIBLE: {State.HIDDEN: "restore", State.HELD: "release"},
    State.HELD: {State.HIDDEN: "hold", State.VISIBLE: "hold"},
    State.HIDDEN: {State.VISIBLE: "hide", State.HELD: "hide"},
    "": {State.VISIBLE: "hide"},  # what a moderator has said was not there before
}
UNDOABLE = MOVES.keys() - {"erase"} | {"speak"}
NO_AUTHOR = Refused(422, "no_author", "Nothing was done: it is not known from where this comment was posted.")
NOT_FOR_GOOD = Refused(403, "not_for_good", "Nothing was done: only an administrator may ban for good.")


def do(order: Order, user: AbstractBaseUser, stated: int | None = None) -> str:
    """Do it, and say what was done. `stated` is how many a question had said it would be."""
    act = Act(user.get_username(), order.reason, order.note)
    banned = ban(order, act, user) if order.ban else ""
    if order.verb == "ban":
        return banned
    asked = list(order.choice.ids) or None
    done = [id for part in order.parts() for id in changed(part, order.verb, act)]
    if order.verb == "erase":
        reports.forget_notes(done)
    left = left_alone(set(asked) - set(done)) if asked else left_of(stated, len(done), order, act)
    return " ".join(filter(None, [f"{DONE[order.verb]}: {len(done)}.", left, banned]))


def changed(comments: CommentQuerySet, verb: str, act: Act) -> list[str]:
    if verb == "keep":
        return reports.keep(list(comments.values_list("pk", flat=True)), act)
    return getattr(comments, verb)(act)


def ban(order: Order, act: Act, user: AbstractBaseUser) -> str:
    if order.ban == FOR_GOOD and not user.has_perm("comments.ban_for_good"):  # type: ignore[attr-defined]
        raise NOT_FOR_GOOD
    comment = Comment.objects.filter(pk=order.target or order.choice.ids[0]).exclude(author_key="").first()
    if comment is None:
        raise NO_AUTHOR
    made = ban_author(comment, order.ban, act)
    end = f"until {made.until:%d %B, %H:%M} UTC" if made.until else "for good"
    return f"{mark(comment.author_key)} is banned {end}."


def left_alone(ids: Iterable[str]) -> str:
    """Why these were not changed: a colleague was faster, mostly."""
    last = [(Record.objects.of_comment(id).first(), id) for id in list(ids)[:100]]
    whys = Counter(why(record) for record, _ in last)
    return " ".join(f"Left as {'it was' if n == 1 else 'they were'}: {n} ({said})." for said, n in whys.items())


def why(record: Record | None) -> str:
    if record is None:
        return "nothing to change"
    return f"already {DONE.get(record.verb, record.verb).lower()} by {record.who or 'a command'}"


def left_of(stated: int | None, count: int, order: Order, act: Act) -> str:
    """Of those that a question had counted, how many had been changed by others before it was answered."""
    if stated is None or stated <= count:
        return ""
    since = Record.objects.filter(at__gt=order.choice.bound).exclude(act=act.id)
    names = sorted(set(since.values_list("who", flat=True)[:1000]))[:NAMED]
    by = f" by {', '.join(name or 'a command' for name in names)}" if names else ""
    return f"{stated - count} of the {stated} had been changed meanwhile{by}, and were left as they are."


def undo(act_id: str, user: AbstractBaseUser) -> str:
    """Bring everything back that is still as this act has left it, and lift the bans that it made."""
    records = Record.objects.filter(act=act_id, who=user.get_username(), at__gt=undoable_from())
    act = Act(user.get_username(), UNDONE)
    count = records.filter(verb__in=UNDOABLE).count()
    back = sum(len(getattr(rows, verb)(act)) for rows, verb in ways_back(records))
    lifted = lift(Ban.objects.filter(act=act_id), act) if records else 0
    said = [f"Undone: {back}."] if back or not lifted else ["Undone."]
    if count > back:
        said.append(f"{count - back} had been changed meanwhile, and were left as they are.")
    return " ".join(said + ["The ban is lifted."] * bool(lifted))


def ways_back(records) -> Iterable[tuple[CommentQuerySet, str]]:
    for before, verbs in BACK.items():
        untouched = Comment.objects.filter(version__in=records.filter(before=before).values("at"))
        for now, verb in verbs.items():
            yield untouched.filter(state=now), verb


def recent(user: AbstractBaseUser) -> list[dict]:
    """What this moderator did in the last minutes and may still undo, newest first."""
    own = Record.objects.filter(who=user.get_username(), at__gt=undoable_from()).exclude(reason=UNDONE)
    acts = own.exclude(verb__in=["erase", "lift", "keep"]).values("act").annotate(last=Max("at"), count=Count("pk"))
    return [told(act) for act in acts.order_by("-last")[: 4 * ACTS_SHOWN] if is_undoable(act["act"])][:ACTS_SHOWN]


def told(act: dict) -> dict:
    verbs = Counter(Record.objects.filter(act=act["act"]).values_list("verb", flat=True))
    said = ", ".join(
        DONE[verb].lower() if verb == "ban" else f"{DONE[verb].lower()}: {n}" for verb, n in verbs.items()
    )
    return {"id": act["act"], "said": said[:1].upper() + said[1:], "at": moment(act["last"] // 1000)}


def is_undoable(act_id: str) -> bool:
    at = Record.objects.filter(act=act_id).values("at")
    return Comment.objects.filter(version__in=at).exists() or Ban.objects.running().filter(act=act_id).exists()


def undoable_from() -> int:
    return time.time_ns() // 1000 - UNDO_SECONDS * 1_000_000
