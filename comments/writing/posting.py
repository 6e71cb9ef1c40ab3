"""The write door: the only way in for new comments, from the page, the API and bots alike.

    clean → already posted? → ban → limits → reply target → rules → { tick, insert } → committed

All of it but the cleaning happens in one transaction under the clock's lock. So limits are exact, an idempotency key
is spent once, and whoever gets an answer can rely on it: it is sent after the commit.
"""

import string
import time
from dataclasses import dataclass, fields, replace
from enum import Enum

from django.conf import settings
from django.utils.crypto import get_random_string

from comments import meters
from comments.callers.addresses import Address
from comments.callers.bots import Bot
from comments.errors import Refused, invalid
from comments.stream.clock import StreamClock, writing
from comments.stream.comment import Comment, MessageType
from comments.stream.queryset import State
from comments.stream.record import Act, Record
from comments.text.cleaning import Cleaned, Draft, clean
from comments.work import work_of

from .authors import keys_of
from .bans import refuse_banned
from .limits import Allowance, of_bot, of_visitors, refuse_crowd_of_bots, refuse_flood
from .rules import rule

# What makes two comments the same one. Not `bot_params`: bots change it after the posting.
CONTENT = [field.name for field in fields(Draft) if field.name not in ("id", "bot_params")]
ID_ALPHABET = string.digits + string.ascii_lowercase
ID_TAKEN = Refused(409, "id_taken", "Another comment has been posted with this id.")
HELD_REASON = "A moderator looks at each comment before it appears."


class Outcome(Enum):
    STORED = "stored"
    REPEATED = "repeated"  # the same comment had been posted under this id: nothing was written
    HELD = "held"


@dataclass(frozen=True)
class Posted:
    comment: Comment
    outcome: Outcome
    allowance: Allowance | None = None  # what the author may still post, if it has limits


def post(draft: Draft, address: Address, bot: Bot | None = None) -> Posted:
    """Post a comment; returns after the commit. Raises Refused with status 403, 409, 422 or 429."""
    try:
        posted = _post(draft, address, bot)
    except Refused as refused:
        meters.posts.labels(refused.code).inc()
        raise
    meters.posts.labels(posted.outcome.value).inc()
    return posted


def _post(draft: Draft, address: Address, bot: Bot | None) -> Posted:
    cleaned = cleaned_of(draft, bot)
    with writing() as clock:
        return enter(cleaned, clock, address, bot)


def cleaned_of(draft: Draft, bot: Bot | None) -> Cleaned:
    """A bot is known by its token, so what it posts is AI and carries its name, whatever it says; old bots without an
    account have no other name than what they say."""
    if bot and bot.has_account:
        draft = replace(draft, username=bot.name, color=bot.color)
    if bot:
        return clean(replace(draft, message_type=MessageType.AI))
    cleaned = clean(draft)
    if cleaned.message_type == MessageType.AI:
        raise Refused(403, "bot_token_required", 'Only bots post with message-type "AI": show a bot\'s token.')
    return cleaned


def enter(cleaned: Cleaned, clock: StreamClock, address: Address, bot: Bot | None) -> Posted:
    """The steps inside of the transaction, for whoever has something to write with the comment."""
    of_network = keys_of(address, clock)
    keys = [bot.key] if bot and bot.has_account else of_network
    if cleaned.id and (earlier := Comment.objects.filter(pk=cleaned.id).first()):
        return _repeated(earlier, cleaned, keys)
    refuse_banned([*keys, *of_network], clock)
    allowance = refuse_flood(keys, clock, of_bot(bot) if bot else of_visitors(clock))
    _refuse_unknown_target(cleaned.reply_to)
    if bot:
        refuse_crowd_of_bots(clock)
        _refuse_loop(cleaned)
    posted = _stored(_comment(cleaned, keys[0]), clock, held=bool(rule("HOLD_COMMENTS", clock)) and not bot)
    return replace(posted, allowance=allowance)


def speak(draft: Draft, act: Act) -> Comment:
    """Say something as a moderator: with the badge, which nothing that is posted can claim, and on the record. Bans,
    limits and the network are a visitor's. Sent twice it is said once. Raises Refused with status 409 or 422."""
    cleaned = clean(draft)
    with writing() as clock:
        if cleaned.id and (earlier := Comment.objects.filter(pk=cleaned.id).first()):
            if earlier.staff and _content(earlier) == _content(_comment(cleaned)):
                return earlier
            raise ID_TAKEN
        _refuse_unknown_target(cleaned.reply_to)
        comment = _stored(_comment(cleaned, staff=True), clock, held=False).comment
        Record.objects.add([Record.of(act, "speak", comment.pk, "", comment.version)])
        return comment


def new_id() -> str:
    """An id like those that clients make: when it was made, and something random."""
    return f"{time.time_ns() // 1_000_000}-{get_random_string(9, ID_ALPHABET)}"


def _repeated(earlier: Comment, draft: Cleaned, keys: list[str]) -> Posted:
    """The answer to a retry. Only the author's own words under the same id are one."""
    is_own = earlier.author_key in keys
    if is_own and earlier.state in (State.HIDDEN, State.ERASED):
        raise Refused(403, "removed", "A moderator has removed this comment.")
    if not is_own or _content(earlier) != _content(_comment(draft)):
        raise ID_TAKEN
    return Posted(earlier, Outcome.HELD if earlier.state == State.HELD else Outcome.REPEATED)


def _stored(comment: Comment, clock: StreamClock, held: bool) -> Posted:
    comment.version, comment.wall = clock.next_version(), clock.wall
    if held:
        comment.state = State.HELD
    else:
        comment.timestamp = clock.next_timestamp()
        clock.visible_total += 1
    comment.id = comment.id or new_id()
    Comment.objects.store([comment])
    return Posted(comment, Outcome.HELD if held else Outcome.STORED)


def _refuse_unknown_target(reply_to: str) -> None:
    if reply_to and not Comment.objects.visible().filter(pk=reply_to).exists():
        raise invalid("replyTo", "The comment to reply to does not exist, or no longer.", "unknown_reply_target")


def _refuse_loop(cleaned: Cleaned) -> None:
    """Bots that answer bots end after BOT_DEPTH in a row; and what no bot could answer any more is no work."""
    depth, above = 0, cleaned.reply_to
    while above and depth < settings.BOT_DEPTH:
        answered = Comment.objects.filter(pk=above, message_type=MessageType.AI).first()
        depth, above = (depth + 1, answered.reply_to) if answered else (depth, "")
    if depth + (work_of(cleaned.bot_params) is not None) >= settings.BOT_DEPTH:
        raise Refused(422, "bot_depth", f"Bots may answer each other {settings.BOT_DEPTH} times in a row at most.")


def _comment(draft: Cleaned, author: str = "", staff: bool = False) -> Comment:
    return Comment(**vars(draft), author_key=author, staff=staff, work=work_of(draft.bot_params))


def _content(comment: Comment) -> list:
    return [getattr(comment, name) for name in CONTENT]
