"""The wire: every object that the API takes or gives, with its limits, its meaning and an example."""

from typing import Any, Literal, Self

from ninja import Field, Schema
from pydantic import ConfigDict, StrictInt, StrictStr, field_validator

from comments.stream.comment import Comment
from comments.text import cleaning

EXAMPLE_ID = "1759244943773-z4timztmx"
EXAMPLE_TIMESTAMP = 1759244943773
EXAMPLE_VERSION = 1759244943773000
ANNOUNCED = {"text": "Back in an hour.", "until": EXAMPLE_TIMESTAMP}


def example(value: Any, **schema: Any) -> dict:
    return {"examples": [value], **schema}


EXAMPLE_LEASE = example("1-Zk3vP0q9cXw2aBcDeFgHiJkL", maxLength=100)
LEASE = Field(..., description="The lease, a fencing token.", json_schema_extra=EXAMPLE_LEASE)
LEASE_IF_ANY = Field("", description="The lease, if the bot has one.", json_schema_extra=EXAMPLE_LEASE)
SECONDS = Field(60, ge=1, le=3600, description="For how long from now.", json_schema_extra=example(60))


class Error(Schema):
    error: str = Field(..., description="What is wrong, for people.", json_schema_extra=example("Too long."))
    code: str = Field(
        ..., description="What is wrong, for programs; stable.", json_schema_extra=example("text_too_long")
    )
    until: int | None = Field(
        None,
        description="Only with `banned`: when the ban ends, in ms since 1970; null if it does not.",
        json_schema_extra=example(EXAMPLE_TIMESTAMP),
    )


class CommentOut(Schema):
    """A comment as everybody sees it."""

    model_config = ConfigDict(populate_by_name=True)

    id: str = Field(..., description="Its public id.", json_schema_extra=example(EXAMPLE_ID))
    text: str = Field(..., description="Plain text; newlines are kept.", json_schema_extra=example("Hello, world"))
    timestamp: int = Field(
        ...,
        description="When it became visible, in ms since 1970: unique, and the order of the stream.",
        json_schema_extra=example(EXAMPLE_TIMESTAMP),
    )
    username: str = Field(..., description="The name as typed; not an account.", json_schema_extra=example("Ada"))
    color: str = Field(
        ...,
        description="RRRGGGBBB, each part 000 to 255.",
        pattern="^[0-9]{9}$",
        json_schema_extra=example("255180000"),
    )
    domain: str = Field(..., description="The site or room it belongs to.", json_schema_extra=example("default"))
    language: str = Field(..., description="Its language as a BCP 47 tag.", json_schema_extra=example("en"))
    message_type: Literal["human", "AI"] = Field(
        ..., alias="message-type", description="Who wrote it.", json_schema_extra=example("human")
    )
    staff: bool = Field(
        ...,
        description="Said by a moderator of this site, which nobody else can claim.",
        json_schema_extra=example(False),
    )
    misc: str = Field(..., description="Whatever the poster's program noted.", json_schema_extra=example(""))
    reply_to: str | None = Field(
        ..., alias="replyTo", description="Id of the comment it answers, or null.", json_schema_extra=example(None)
    )

    @classmethod
    def of(cls, comment: Comment, **more: Any) -> Self:
        """`more`: the fields that are no column of it."""
        shown = {name: getattr(comment, name) for name in cls.model_fields if name not in more}
        return cls.model_construct(**shown | {"reply_to": comment.reply_to or None} | more)


class ForBots(Schema):
    context: Any = Field(
        None, description="What the poster's page showed, for bots only.", json_schema_extra=example(["Hi"])
    )
    bot_params: dict[str, Any] | None = Field(
        None, alias="botParams", description="Instructions for bots.", json_schema_extra=example({"processed": False})
    )


class CommentForBots(CommentOut, ForBots):
    """A comment as bots see it."""


class Versioned(Schema):
    version: int = Field(
        ..., description="Its last change, in µs since 1970; unique.", json_schema_extra=example(EXAMPLE_VERSION)
    )


class Change(Versioned, CommentOut):
    """A comment as it is now, with the version of its last change."""


class ChangeForBots(Versioned, CommentForBots):
    """A comment as bots see it, with the version of its last change."""


class Removed(Schema):
    """A comment that is not visible any more: drop it."""

    id: str = Field(..., description="The id of the comment to drop.", json_schema_extra=example(EXAMPLE_ID))
    version: int = Field(..., description="When it was removed.", json_schema_extra=example(EXAMPLE_VERSION))
    removed: Literal[True] = Field(True, description="Always true.", json_schema_extra=example(True))


class Announcement(Schema):
    """What the moderators have put above the stream, for a time."""

    text: str = Field(..., description="Plain text.", json_schema_extra=example("Back in an hour."))
    until: int = Field(
        ..., description="When it ends by itself, in ms since 1970.", json_schema_extra=example(EXAMPLE_TIMESTAMP)
    )


class CommentList(Schema):
    """A window over the stream."""

    model_config = ConfigDict(populate_by_name=True)

    comments: list[CommentForBots | CommentOut] = Field(
        ..., description="The newest that match, oldest first unless asked otherwise."
    )
    total: int = Field(
        ..., ge=0, description="Visible comments in the whole stream.", json_schema_extra=example(44070)
    )
    has_more: bool = Field(..., alias="hasMore", description="Older ones match too.", json_schema_extra=example(True))
    cursor: int = Field(
        ...,
        ge=0,
        description="Where /api/changes continues, without gap or overlap.",
        json_schema_extra=example(EXAMPLE_VERSION),
    )
    has_newer: bool = Field(
        False,
        alias="hasNewer",
        description="There with `around` and `at`: newer ones match too.",
        json_schema_extra=example(True),
    )
    announcement: Announcement | None = Field(
        None, description="What stands above the stream; absent: nothing.", json_schema_extra=example(ANNOUNCED)
    )
    server_side_search: bool = Field(
        False,
        alias="serverSideSearch",
        description="There with `uss`: the list has these users' comments only.",
        json_schema_extra=example(True),
    )
    query: str = Field("", description="There with `uss`: what was asked for.", json_schema_extra=example("alice+bob"))


class ChangeList(Schema):
    """A page of the change feed. Apply the changes in order, by id; then ask again with `cursor`."""

    model_config = ConfigDict(populate_by_name=True)

    after: int = Field(..., description="The cursor that was asked for.", json_schema_extra=example(EXAMPLE_VERSION))
    cursor: int = Field(..., description="The cursor to ask for next.", json_schema_extra=example(EXAMPLE_VERSION))
    changes: list[ChangeForBots | Change | Removed] = Field(..., description="Oldest change first.")
    has_more: bool = Field(
        ..., alias="hasMore", description="More is there: ask again at once.", json_schema_extra=example(False)
    )
    poll_after_ms: int = Field(
        ..., alias="pollAfterMs", description="When to ask again otherwise.", json_schema_extra=example(4000)
    )
    announcement: Announcement | None = Field(
        None,
        description="What stands above the stream from now on, null: nothing does; absent: as before.",
        json_schema_extra=example(ANNOUNCED),
    )
    readers: int | None = Field(
        None,
        description="How many read now, about. Not told in an idle poll, as `build`.",
        json_schema_extra=example(12),
    )
    build: str | None = Field(
        None,
        description="Which version of the page is served.",
        json_schema_extra=example("4f2c9a01b7de"),
    )


class CommentIn(ForBots):
    """A comment to post. Fields that are not listed are ignored, also the `timestamp` of old clients."""

    model_config = ConfigDict(populate_by_name=True)

    text: StrictStr = Field(
        ...,
        description="1 to 1000 code points. Control characters other than newline and tab are refused.",
        json_schema_extra=example("Hello, world", minLength=1, maxLength=cleaning.MAX_TEXT),
    )
    username: StrictStr = Field(
        ...,
        description="1 to 16 code points, one of them visible; no invisible or direction-changing ones.",
        json_schema_extra=example("Ada", minLength=1, maxLength=cleaning.MAX_USERNAME),
    )
    color: StrictStr = Field(
        "",
        description="RRRGGGBBB, #rrggbb or rgb(r, g, b); chosen from the name if it is missing.",
        json_schema_extra=example("#ffb400"),
    )
    domain: StrictStr = Field(
        "",
        description="The site or room: letters, digits and `. : _ -`, lower case.",
        json_schema_extra=example("default", maxLength=100),
    )
    language: StrictStr = Field("", description="A BCP 47 tag.", json_schema_extra=example("en", maxLength=35))
    message_type: StrictStr = Field(
        "",
        alias="message-type",
        description="`human`, or `AI` for bots.",
        json_schema_extra=example("human", enum=["", "human", "AI"]),
    )
    misc: StrictStr = Field(
        "", description="A note of the poster's program.", json_schema_extra=example("", maxLength=cleaning.MAX_MISC)
    )
    reply_to: StrictStr | None = Field(
        None, alias="replyTo", description="Id of the visible comment it answers.", json_schema_extra=example(None)
    )
    id: StrictStr = Field(
        "",
        description="The idempotency key, made by the poster: sent again with the same content it is harmless. "
        "Letters, digits and `_ . : -`; made here if it is missing.",
        json_schema_extra=example(EXAMPLE_ID, maxLength=64),
    )

    @field_validator("color", "domain", "language", "message_type", "misc", "id", mode="before")
    @classmethod
    def null_is_absent(cls, value: Any) -> Any:
        return "" if value is None else value

    def draft(self) -> cleaning.Draft:
        return cleaning.Draft(**self.model_dump(by_alias=False) | {"reply_to": self.reply_to or ""})


class Held(Schema):
    """The comment is stored and waits for a moderator."""

    id: str = Field(..., description="Its id.", json_schema_extra=example(EXAMPLE_ID))
    reason: str = Field(
        ..., description="Why it waits.", json_schema_extra=example("A moderator looks at each comment.")
    )


class ReportIn(Schema):
    """What is wrong with a comment."""

    reason: Literal["spam", "abuse", "illegal", "other"] = Field(
        ..., description="What is wrong.", json_schema_extra=example("spam")
    )
    note: StrictStr = Field(
        "", description="For the moderators.", json_schema_extra=example("He does this daily.", maxLength=300)
    )


class Reported(Schema):
    """The moderators will see it."""

    id: str = Field(..., description="The id of the comment.", json_schema_extra=example(EXAMPLE_ID))


class BotParamsIn(Schema):
    """What a bot notes about a comment; other keys of its botParams stay as they are."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    bot_params: dict[str, Any] = Field(
        ...,
        alias="botParams",
        description="Keys to set. `processed` is true, false or null; `priority` a whole number, 0 the most urgent.",
        json_schema_extra=example({"processed": True}),
    )
    lease: StrictStr = LEASE_IF_ANY


class Work(CommentOut):
    """A comment that asks bots for an answer."""

    attempts: int = Field(..., description="How often it was claimed before.", json_schema_extra=example(0))


class WorkForBots(Work, ForBots):
    """The same with what is for bots only."""


class WorkList(Schema):
    model_config = ConfigDict(populate_by_name=True)

    work: list[WorkForBots | Work] = Field(..., description="Most urgent first, then oldest first.")
    poll_after_ms: int = Field(
        ..., alias="pollAfterMs", description="When to ask again, without `wait`.", json_schema_extra=example(4000)
    )


class ClaimIn(Schema):
    seconds: StrictInt = SECONDS


class RenewIn(ClaimIn):
    lease: StrictStr = LEASE


class LeaseOut(Schema):
    """What was taken, and until when. Each attempt has another lease, and only the last one counts."""

    lease: str = LEASE
    until: int = Field(
        ..., description="When it ends, by the server's clock, in ms.", json_schema_extra=example(EXAMPLE_TIMESTAMP)
    )
    attempt: int = Field(..., description="The first is 1.", json_schema_extra=example(1))


class ReleaseIn(Schema):
    model_config = ConfigDict(populate_by_name=True)

    lease: StrictStr = LEASE
    reason: StrictStr = Field("", description="Why; for people.", json_schema_extra=example("no model", maxLength=300))
    retry_after_seconds: StrictInt = Field(
        0,
        alias="retryAfterSeconds",
        ge=0,
        le=86_400,
        description="It is offered to nobody before.",
        json_schema_extra=example(10),
    )


class Released(Schema):
    id: str = Field(..., description="The id of the comment.", json_schema_extra=example(EXAMPLE_ID))


class ReplyIn(ForBots):
    """An answer. It stands in the room of its question, and has the name and the colour of the bot's account."""

    model_config = ConfigDict(populate_by_name=True)

    lease: StrictStr = LEASE
    text: StrictStr = Field(
        ...,
        description="1 to 1000 code points.",
        json_schema_extra=example("Hello back", minLength=1, maxLength=cleaning.MAX_TEXT),
    )
    username: StrictStr = Field(
        "",
        description="Only of old bots without an account.",
        json_schema_extra=example("Ada", maxLength=cleaning.MAX_USERNAME),
    )
    language: StrictStr = Field(
        "", description="A BCP 47 tag; that of the question if it is missing.", json_schema_extra=example("en")
    )
    misc: StrictStr = Field(
        "", description="A note of the bot's.", json_schema_extra=example("", maxLength=cleaning.MAX_MISC)
    )

    def draft(self, name: str) -> cleaning.Draft:
        given = self.model_dump(by_alias=False, exclude={"lease"})
        return cleaning.Draft(**given | {"username": self.username or name})


class Stats(Schema):
    model_config = ConfigDict(populate_by_name=True)

    total_messages: int = Field(
        ..., alias="totalMessages", description="Visible comments.", json_schema_extra=example(44070)
    )
    latest_timestamp: int = Field(
        ...,
        alias="latestTimestamp",
        description="When one last became visible.",
        json_schema_extra=example(EXAMPLE_TIMESTAMP),
    )
    cursor: int = Field(..., description="The newest version.", json_schema_extra=example(EXAMPLE_VERSION))


class ModerationDay(Schema):
    """What moderators did on one day; the numbers are of comments."""

    model_config = ConfigDict(populate_by_name=True)

    day: str = Field(..., description="In UTC.", json_schema_extra=example("2026-11-25"))
    hidden: int = Field(..., description="Hidden.", json_schema_extra=example(12))
    restored: int = Field(..., description="Shown again.", json_schema_extra=example(1))
    held: int = Field(..., description="Held after they were seen.", json_schema_extra=example(2))
    released: int = Field(..., description="Shown after they were held.", json_schema_extra=example(2))
    erased: int = Field(..., description="Erased for good.", json_schema_extra=example(0))
    kept: int = Field(..., description="Reported, looked at, and left.", json_schema_extra=example(3))
    bans: int = Field(..., description="Bans set.", json_schema_extra=example(1))
    reports: int = Field(..., description="Reports of visitors.", json_schema_extra=example(5))
    median_seconds: int | None = Field(
        ...,
        alias="medianSeconds",
        description="From a report to its decision; null if none is decided.",
        json_schema_extra=example(90),
    )


class Moderation(Schema):
    days: list[ModerationDay] = Field(
        ..., description="Of the last 30 days, newest first, those in which anything was done or reported."
    )


class Ready(Schema):
    status: Literal["ready", "read_only"] = Field(
        "ready",
        description=(
            "The database is migrated, the newest comments are read, and the process is not being stopped. "
            "`read_only`: but what was to be stored last was not, for the disk is full, or the database is read-only."
        ),
        json_schema_extra=example("ready"),
    )


class Health(Schema):
    status: Literal["ok"] = Field("ok", description="The database answers.", json_schema_extra=example("ok"))


class ActIn(Schema):
    reason: StrictStr = Field("", description="For the record.", json_schema_extra=example("spam", maxLength=40))
    note: StrictStr = Field("", description="For the record, too.", json_schema_extra=example("0.97", maxLength=300))


class BanIn(ActIn):
    time: Literal["10m", "1h", "1d", "30d"] = Field(..., description="For how long.", json_schema_extra=example("1h"))


class Banned(Schema):
    id: str = Field(..., description="The id of the comment.", json_schema_extra=example(EXAMPLE_ID))
    until: int | None = Field(
        ...,
        description="When the ban ends, in ms since 1970; null if one for good was there.",
        json_schema_extra=example(EXAMPLE_TIMESTAMP),
    )


class CommentWithState(Versioned, CommentForBots):
    """A comment as bots that moderate see it, whatever its state."""

    timestamp: int | None = Field(  # type: ignore[assignment]
        ...,
        description="When it became visible, in ms since 1970; null if it never was.",
        json_schema_extra=example(EXAMPLE_TIMESTAMP),
    )
    state: Literal["visible", "held", "hidden", "erased"] = Field(
        ..., description="Whether it is in the stream.", json_schema_extra=example("held")
    )


class CommentWithStateList(Schema):
    """A page of their change feed: ask again with `cursor`."""

    model_config = ConfigDict(populate_by_name=True)

    comments: list[CommentWithState] = Field(..., description="Oldest change first.")
    after: int = Field(..., description="The cursor that was asked for.", json_schema_extra=example(EXAMPLE_VERSION))
    cursor: int = Field(..., description="The cursor to ask for next.", json_schema_extra=example(EXAMPLE_VERSION))
    has_more: bool = Field(
        ..., alias="hasMore", description="More is there: ask again at once.", json_schema_extra=example(False)
    )
    poll_after_ms: int = Field(
        ..., alias="pollAfterMs", description="When to ask again otherwise.", json_schema_extra=example(4000)
    )
