"""What may stand in a query string. Nonsense is refused by name; it never becomes an answer to another question."""

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import parse_qsl, unquote_to_bytes

from django.db.models import Q
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from comments.errors import Refused, invalid
from comments.stream.comment import Comment
from comments.text.cleaning import refuse_unstorable

from .schemas import EXAMPLE_ID, EXAMPLE_TIMESTAMP, EXAMPLE_VERSION, example
from .users import raw_value, users
from .views import View, asked

if TYPE_CHECKING:
    from .entry import Entry

MAX_LIST = 1000
MAX_CHANGES = 200
MAX_WAIT_SECONDS = 30
MAX_OFFSET = 10_000
MAX_SEARCH = 100
CACHE_BUSTERS = ("t", "_", "v")  # the first version's clients put them there, to be different each time
MAX_PARAMETERS = 1000  # Django's own limit, which answers first
MAX_INTEGER = 2**53 - 1  # the largest that JavaScript counts exactly
DIGITS = re.compile(r"[0-9]{1,16}")  # ASCII only, no sign, no space: int() would take more


def whole_number(written: Any) -> int:
    if isinstance(written, str) and DIGITS.fullmatch(written):
        return int(written)
    raise ValueError("this is not a whole number in digits")


def true_or_false(written: Any) -> bool:
    if written in ("true", "false"):
        return written == "true"
    raise ValueError("this is neither true nor false")


WholeNumber = Annotated[int, BeforeValidator(whole_number)]
TrueOrFalse = Annotated[bool, BeforeValidator(true_or_false)]


class Params(BaseModel):
    """A query string in which each name is known and stands once. Frozen, so that it can be a key."""

    model_config = ConfigDict(frozen=True)

    @classmethod
    def of(cls, query_string: str) -> Self:
        """Raises Refused, ValidationError, or ValueError for more parameters than anybody could mean."""
        return cls.model_validate(dict(pairs_of(query_string)), context={"query_string": query_string})

    @model_validator(mode="before")
    @classmethod
    def known_and_once(cls, data: Any, info: ValidationInfo) -> Any:
        query_string = query_string_of(info)
        refuse_undecodable(query_string)
        known = set()
        for name, _ in pairs_of(query_string):
            if name in CACHE_BUSTERS:
                continue
            if name not in cls.model_fields:
                raise Refused(422, "unknown_parameter", f"There is no parameter {name[:40]!r} here.")
            if name in known:
                raise Refused(422, "repeated_parameter", f"The parameter {name} stands here more than once.")
            known.add(name)
        return data


class Filters(Params):
    domain: str = Field(
        "all",
        description="Only this site or room; `all` for every one.",
        json_schema_extra=example("all", maxLength=100),
    )
    type: Literal["human", "AI"] | None = Field(
        None, description="Only what people, or what bots wrote.", json_schema_extra=example("human")
    )

    @model_validator(mode="after")
    def storable(self) -> Self:
        refuse_unstorable("domain", self.domain)
        return self

    @property
    def domains(self) -> tuple[str, ...]:
        """As it is kept of what is posted; and as it was written, for history is kept as it was."""
        return tuple(dict.fromkeys([self.domain.lower(), self.domain]))

    def lets_through(self, comment: "Comment | Entry") -> bool:
        return (not self.is_of_domain or comment.domain in self.domains) and self.type in (None, comment.message_type)

    @property
    def is_of_domain(self) -> bool:
        return self.domain.lower() != "all"

    @property
    def needs_table(self) -> bool:
        """Whether no tail can answer this, whatever it holds."""
        return False

    @property
    def is_costly(self) -> bool:
        """Whether it may have to look at more rows than it answers with."""
        return False

    @property
    def is_filtered(self) -> bool:
        return self.is_of_domain or self.type is not None

    def as_q(self) -> Q:
        q = Q()
        if self.is_of_domain:
            q &= Q(domain__in=self.domains) if len(self.domains) > 1 else Q(domain=self.domain)
        if self.type:
            q &= Q(message_type=self.type)
        return q


class WorkParams(Params):
    limit: WholeNumber = Field(10, ge=1, le=100, description="How many.", json_schema_extra=example(10))
    wait: WholeNumber = Field(
        0, ge=0, le=30, description="Seconds to wait for work; a long poll.", json_schema_extra=example(25)
    )


class StatesParams(Params):
    after: WholeNumber = Field(
        ..., ge=0, le=MAX_INTEGER, description="A cursor; 0 for everything.", json_schema_extra=example(0)
    )
    limit: WholeNumber = Field(200, ge=1, le=MAX_CHANGES, description="How many.", json_schema_extra=example(200))
    wait: WholeNumber = Field(
        0,
        ge=0,
        le=MAX_WAIT_SECONDS,
        description="Seconds to wait for a change; a long poll.",
        json_schema_extra=example(25),
    )


class ListParams(Filters):
    limit: WholeNumber | None = Field(
        None,
        ge=0,
        le=MAX_LIST,
        description="How many: 50, or 200 with `after`. With 0 the list only counts.",
        json_schema_extra=example(500),
    )
    after: WholeNumber | None = Field(
        None,
        ge=0,
        le=MAX_INTEGER,
        description="A timestamp. Makes the answer a bare array of the comments after it: the oldest `limit` of them.",
        json_schema_extra=example(EXAMPLE_TIMESTAMP),
    )
    before: WholeNumber | None = Field(
        None,
        ge=0,
        le=MAX_INTEGER,
        description="A timestamp: only comments before it. Scrolls back.",
        json_schema_extra=example(EXAMPLE_TIMESTAMP),
    )
    offset: WholeNumber = Field(
        0,
        ge=0,
        le=MAX_OFFSET,
        description="Skip so many of the newest; `before` is better.",
        json_schema_extra=example(0),
    )
    around: str = Field(
        "",
        description="An id: this comment and its neighbours, `limit` together, half of them newer. 404 if it is not "
        "visible, or is not among those that the other parameters choose.",
        json_schema_extra=example(EXAMPLE_ID, maxLength=64),
    )
    at: WholeNumber | None = Field(
        None,
        ge=0,
        le=MAX_INTEGER,
        description="A timestamp: the comments around this moment, `limit` together, half of them newer.",
        json_schema_extra=example(EXAMPLE_TIMESTAMP),
    )
    search: str = Field(
        "",
        description="Only comments whose text contains this, whatever its case or width.",
        json_schema_extra=example("hello", maxLength=MAX_SEARCH),
    )
    uss: str = Field(
        "",
        description="Only these users: `name` or `name:color`, joined by `+`. A space in a name is `%20`, a plus "
        "`%5C%2B` and a colon `%5C%3A`: with a backslash before them.",
        json_schema_extra=example("alice:255000000+bob"),
    )
    view: str = Field(
        "",
        description="Only what this view shows: the language that stands behind the # in the page's address.",
        json_schema_extra=example("u=alice+bob&-word=spam"),
    )
    sort: Literal["timestamp"] = Field(
        "timestamp", description="The stream has one order.", json_schema_extra=example("timestamp")
    )
    order: Literal["asc", "desc"] = Field(
        "asc", description="How the answer is arranged; not what is in it.", json_schema_extra=example("asc")
    )
    fresh: TrueOrFalse = Field(
        False, description="Read the table itself, past every cache.", json_schema_extra=example(True)
    )

    @model_validator(mode="before")
    @classmethod
    def raw_users(cls, data: Any, info: ValidationInfo) -> Any:
        # `+` separates users, so it must not have been decoded to a space.
        return {**data, "uss": raw_value(query_string_of(info), "uss")}

    @model_validator(mode="after")
    def searchable(self) -> Self:
        refuse_unstorable("search", self.search)
        if len(self.search) > MAX_SEARCH:
            raise invalid("search", f"The search is longer than {MAX_SEARCH} characters.")
        return self

    @model_validator(mode="after")
    def readable_view(self) -> Self:
        asked(self.view)
        return self

    @model_validator(mode="after")
    def one_window(self) -> Self:
        """A place in the stream is either a comment, a moment, or what the rest says."""
        others = (self.after is not None, self.before is not None, self.offset, self.search, self.view)
        if self.is_window and (any(others) or (self.around and self.at is not None)):
            name = "around" if self.around else "at"
            raise invalid(name, f"{name} says where: after, before, offset, search and view cannot.")
        return self

    @property
    def is_window(self) -> bool:
        return bool(self.around) or self.at is not None

    @property
    def as_view(self) -> View:
        return asked(self.view)

    @property
    def needs_table(self) -> bool:
        return bool(self.search or self.view or self.uss or self.before is not None or self.offset or self.is_window)

    @property
    def is_costly(self) -> bool:
        return bool(self.search or self.view or self.uss or self.offset or (self.is_of_domain and self.type))

    def arranged(self, comments: list) -> list:
        return comments if self.order == "asc" else comments[::-1]

    def as_q(self) -> Q:
        """All but words, which are no condition on rows but a way to find them: see `reading.search`."""
        q = super().as_q() & self.as_view.as_q()
        return q & users(self.uss) if self.uss else q


class ChangesParams(Filters):
    after: WholeNumber = Field(
        ...,
        ge=0,
        le=MAX_INTEGER,
        description="A cursor from an earlier answer, or 0.",
        json_schema_extra=example(EXAMPLE_VERSION),
    )
    limit: WholeNumber = Field(
        200, ge=1, le=MAX_CHANGES, description="How many changes at most.", json_schema_extra=example(200)
    )
    wait: WholeNumber = Field(
        0,
        ge=0,
        le=MAX_WAIT_SECONDS,
        description="Long poll: if there is nothing yet, wait so many seconds for it.",
        json_schema_extra=example(25),
    )


def query_string_of(info: ValidationInfo) -> str:
    context = info.context or {}
    return context["query_string"] if "query_string" in context else context["request"].META["QUERY_STRING"]


def pairs_of(query_string: str) -> list[tuple[str, str]]:
    """As Django reads them."""
    return parse_qsl(query_string, keep_blank_values=True, errors="replace", max_num_fields=MAX_PARAMETERS)


def refuse_undecodable(query_string: str) -> None:
    try:
        unquote_to_bytes(query_string).decode()
    except UnicodeDecodeError as error:
        raise Refused(422, "malformed_query", "The query string is not UTF-8.") from error
