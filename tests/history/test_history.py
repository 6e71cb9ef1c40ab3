"""History goes in as it was, once, and comes out the same; who reads the live stream is not told about it."""

import gzip
import json
import os
import random
import threading
import zlib
from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from comments.history import elements, exporting, files, importing
from comments.models import Comment, State
from comments.stream.clock import StreamClock

pytestmark = pytest.mark.django_db

LINES = [
    {"timestamp": 1507466702000, "username": "pupp", "text": "how to compile?", "domain": "zig.example"},
    {"timestamp": 1507466884000, "username": "pupp", "text": "like\nthis", "language": "de", "message-type": "AI"},
    {
        "timestamp": 1507482163000,
        "username": "日本",
        "text": "é 😀",
        "color": "255000000",
        "id": "given-1",
        "misc": "m",
    },
]


def comment(text: str = "Hello", timestamp: int = 1507466702000, **more) -> dict:
    return {"timestamp": timestamp, "username": "Ada", "text": text, **more}


def ndjson(lines: list) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


@dataclass
class Import:
    """What the command said. `refused` are the numbers and the reasons."""

    summary: str
    refused: dict[int, str]
    failed: bool


@pytest.fixture
def imported(tmp_path):
    """Runs import_comments over a file with this content: bytes, or what becomes lines of JSON."""

    def imported(content: bytes | list, name: str = "history.ndjson") -> Import:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else ndjson(content))
        return run(str(path))

    return imported


def run(file: str) -> Import:
    out, err, failed = StringIO(), StringIO(), False
    try:
        call_command("import_comments", file, stdout=out, stderr=err)
    except CommandError:
        failed = True
    complaints = [line.removeprefix("line ").split(": ", 1) for line in err.getvalue().splitlines()]
    return Import(out.getvalue().strip(), {int(number): reason for number, reason in complaints}, failed)


def exported(*options: str) -> str:
    out = StringIO()
    call_command("export_comments", *options, stdout=out)
    return out.getvalue()


def texts() -> list[str]:
    return list(Comment.objects.order_by("timestamp").values_list("text", flat=True))


def timestamps() -> list[int]:
    return list(Comment.objects.order_by("version").values_list("timestamp", flat=True))


def table() -> list[tuple]:
    return list(Comment.objects.order_by("version").values_list())


def forget_everything() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM comments_comment")
        cursor.execute("DELETE FROM comments_streamclock")


# Formats

PRETTY = json.dumps({"comments": LINES}, indent=2, ensure_ascii=False).encode()
WRAPPED = {"version": 2, "about": {"comments": "none", "list": [1, {"a": []}]}, "comments": LINES, "after": [LINES[0]]}
FORMATS = {
    "lines": ndjson(LINES),
    "lines without the last newline": ndjson(LINES).rstrip(),
    "lines with CRLF": ndjson(LINES).replace(b"\n", b"\r\n"),
    "lines with blank ones among them": b"\n" + ndjson(LINES).replace(b"\n", b"\n\n \n\t\r\n"),
    "lines with a byte order mark": b"\xef\xbb\xbf" + ndjson(LINES),
    "lines in ASCII": b"".join(json.dumps(line).encode() + b"\n" for line in LINES),
    "an array": json.dumps(LINES).encode(),
    "an array on many lines": json.dumps(LINES, indent=4).encode(),
    "an array with a byte order mark": b"\xef\xbb\xbf \n" + json.dumps(LINES).encode(),
    "an array with CRLF": json.dumps(LINES, indent=4).replace("\n", "\r\n").encode(),
    "an object": json.dumps({"comments": LINES}).encode(),
    "an object on many lines": PRETTY,
    "an object with other keys": json.dumps(WRAPPED, indent=1).encode(),
    "an object with a byte order mark": b"\xef\xbb\xbf" + PRETTY,
    "an answer of the API": json.dumps({"comments": LINES, "total": 3, "hasMore": False, "cursor": 5}).encode(),
}
FORMATS |= {f"{name}, gzipped": gzip.compress(content) for name, content in FORMATS.items()}
FORMATS["lines, gzipped in two parts"] = gzip.compress(ndjson(LINES[:1])) + gzip.compress(ndjson(LINES[1:]))


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_gives_the_same_stream(content, imported):
    done = imported(content)
    assert (done.refused, done.failed, done.summary) == ({}, False, "3 imported, 0 already there, 0 left out")
    first = table()
    assert texts() == ["how to compile?", "like\nthis", "é 😀"]
    forget_everything()
    imported(ndjson(LINES))
    assert table() == first


def test_each_field_is_kept_and_each_gap_filled(imported, settings):
    settings.DOMAIN = "here.example"
    full = comment(
        "full", 1000, id="full", color="rgb(1, 2, 3)", domain="There.example", language="fr", misc="m", replyTo="gone",
        context=["a", {"b": 1.5}], botParams={"processed": False}, **{"message-type": "AI"},
    )  # fmt: skip
    assert not imported([full, comment("bare", 2000)]).failed
    assert exporting.line_of(Comment.objects.get(pk="full")) == full | {"color": "001002003"}
    bare = Comment.objects.get(text="bare")
    assert (bare.domain, bare.language, bare.message_type, bare.state) == ("here.example", "en", "human", "visible")
    assert bare.color == Comment.objects.get(pk="full").color or bare.color.isdigit()
    assert (bare.misc, bare.reply_to, bare.context, bare.bot_params, bare.author_key) == ("", "", None, None, "")


@pytest.mark.parametrize("name", ["lines", "lines, gzipped", "an object on many lines", "an array"])
def test_standard_input_is_read_however_small_its_pieces(name, monkeypatch):
    reading, writing = os.pipe()

    def dribble():
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            for byte in FORMATS[name]:
                pipe.write(bytes([byte]))

    writer = threading.Thread(target=dribble)
    with os.fdopen(reading) as standard_input:
        monkeypatch.setattr("sys.stdin", standard_input)
        writer.start()
        done = run("-")
        writer.join()
    assert (done.summary, done.failed) == ("3 imported, 0 already there, 0 left out", False)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]", b'{"comments": []}', gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_no_error(content, imported):
    done = imported(content)
    assert (done.summary, done.failed) == ("0 imported, 0 already there, 0 left out", False)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"cannot read .*nothing\.ndjson: No such file"):
        call_command("import_comments", str(tmp_path / "nothing.ndjson"))


def test_a_file_is_not_held_in_memory(monkeypatch):
    """Whatever its length, reading is never more than a little ahead of what has been taken."""
    read = []

    class Endless:
        def read(self, size: int) -> bytes:
            read.append(size)
            return ndjson([comment("x" * 100)] * 20)[:size]

    values = files.values(Endless())
    for _ in range(1000):
        next(values)
    assert len(read) * 4096 < 1_000_000


# Once, however often


def test_importing_twice_changes_nothing(imported):
    lines = [*LINES, LINES[0], comment("same"), comment("same"), comment("same")]
    assert imported(lines).summary == "7 imported, 0 already there, 0 left out"
    first, clock = table(), StreamClock.now()
    again = imported(lines)
    assert (again.summary, again.failed) == ("0 imported, 7 already there, 0 left out", False)
    assert table() == first
    assert (StreamClock.now().version, StreamClock.now().visible_total) == (clock.version, 7)


def test_equal_lines_are_each_a_comment(imported):
    imported([comment("yes")] * 5)
    assert texts() == ["yes"] * 5
    assert len(set(Comment.objects.values_list("pk", flat=True))) == 5


def test_an_import_that_was_cut_short_is_completed(imported, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 3)
    lines = [comment(f"{number // 3}", 1000 + number // 5) for number in range(40)]
    imported(lines)
    whole = table()
    for reached in (0, 3, 21, 39):
        forget_everything()
        imported(lines[:reached])
        imported(lines)
        assert table() == whole


def test_a_longer_file_adds_only_what_is_new(imported):
    imported([comment("a", 1000), comment("b", 2000)])
    done = imported([comment("a", 1000), comment("b", 2000), comment("c", 3000), comment("a", 1000)])
    assert done.summary == "2 imported, 2 already there, 0 left out"
    assert texts() == ["a", "a", "b", "c"]


def test_an_id_derived_from_a_line_is_the_same_in_every_release(imported):
    imported([comment("Hello", 1507466702000)])
    assert Comment.objects.get().pk == "1507466702000-f6b73025f07c8bc2"


def test_what_a_moderator_has_hidden_or_erased_stays_so(imported):
    imported(LINES)
    Comment.objects.filter(pk="given-1").hide()
    Comment.objects.filter(text="how to compile?").erase()
    before = table()
    assert imported(LINES).summary == "0 imported, 3 already there, 0 left out"
    assert table() == before


def test_R54_an_id_of_another_comment_cannot_be_taken_over(imported, post):
    mine = post("mine", "Ada", id="taken")
    done = imported([comment("yours", id="taken"), comment("mine", id="taken", username="Ada")])
    assert done.refused == {1: "the id taken belongs to another comment"}
    assert done.summary == "0 imported, 1 already there, 1 left out"
    assert Comment.objects.get() == mine


def test_R54_of_two_lines_with_one_id_the_first_goes_in(imported):
    done = imported([comment("one", id="x"), comment("other", id="x"), comment("one", id="x")])
    assert (done.refused.keys(), texts()) == ({2}, ["one"])


# Order


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ([5, 5, 5], [5, 6, 7]),
        ([5, 5, 6, 6, 7], [5, 6, 7, 8, 9]),
        ([5, 5, 6, 9], [5, 6, 7, 9]),
        ([5, 6, 5], [5, 6, 7]),
        ([9, 5], [9, 5]),
        ([0, 0], [0, 1]),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_R01_equal_timestamps_are_moved_apart_by_the_least(wanted, given, chunk, imported, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", chunk)
    imported([comment(str(number), timestamp) for number, timestamp in enumerate(wanted)])
    assert timestamps() == given


def test_timestamps_that_the_table_has_already_are_left_to_their_owners(imported):
    imported([comment("first", 5), comment("second", 7)])
    imported([comment(text, 5) for text in "abc"])
    assert list(Comment.objects.order_by("timestamp").values_list("timestamp", "text")) == [
        (5, "first"),
        (6, "a"),
        (7, "second"),
        (8, "b"),
        (9, "c"),
    ]


def test_R01_five_hundred_comments_of_one_moment_keep_their_order(imported, api):
    imported([comment(f"{number}", 1507466702000) for number in range(500)])
    seen, before = [], ""
    while page := api.get(f"/api/comments?limit=50{before}").json()["comments"]:
        seen = [comment["text"] for comment in page] + seen
        before = f"&before={page[0]['timestamp']}"
    assert seen == [str(number) for number in range(500)]


def test_R02_a_timestamp_in_the_future_is_refused(imported):
    far = comment("far", 4102444800000)
    done = imported([far, comment("near", 1000)])
    assert done.refused == {1: "the timestamp lies in the future"}
    assert texts() == ["near"]


def test_history_of_a_moment_ago_may_be_imported(imported, post):
    newest = post()
    done = imported([comment("same moment", newest.timestamp)])
    assert not done.failed
    assert timestamps() == [newest.timestamp + 1, newest.timestamp]
    assert post().timestamp > newest.timestamp + 1


# What was allowed then


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "x" * 64),
        ("username", "a name of more than sixteen letters"),
        ("username", " Ada "),
        ("username", "ad\u200bmin\u202e"),
        ("username", "\x02bold\x02"),
        ("text", "\x0304red\x03 and \x1b[31m"),
        ("text", "x" * 5000),
        ("text", "e\u0301"),
        ("text", "a\n\n\n\n\n\nb \r\n"),
        ("text", "\u200b"),
        ("text", "a\u2028b\x85c"),
        ("text", "<script>alert(1)</script>"),
        ("domain", "Some Room #1"),
        ("language", "en_US"),
    ],
)
def test_old_words_are_kept_as_they_were(field, value, imported):
    done = imported([comment() | {field: value}])
    assert done.refused == {}
    assert getattr(Comment.objects.get(), field) == value


def test_an_old_comment_can_be_found_moderated_and_shown(imported, api):
    imported([comment("\x0304red", username="A Name Of More Than 16")])
    assert api.get("/api/comments?uss=a%20name%20of%20more%20than%2016").json()["comments"][0]["text"] == "\x0304red"
    Comment.objects.hide()
    Comment.objects.restore()
    assert texts() == ["\x0304red"]


def nested(levels: int) -> list:
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


UNFIT = {
    "no JSON": (b"{", "it is not JSON"),
    "half a line": (b'{"timestamp": 1, "username": "A', "it is not JSON"),
    "not UTF-8": (b'{"timestamp": 1, "username": "Ada", "text": "\xe9"}', "it is not UTF-8"),
    "a list": (b'["a"]', "it is not a JSON object"),
    "a string": (b'"a"', "it is not a JSON object"),
    "nothing": (b"null", "it is not a JSON object"),
    "no text": ({"timestamp": 1, "username": "Ada"}, "text is missing or empty"),
    "an empty text": (comment(" \n"), "text is missing or empty"),
    "no name": ({"timestamp": 1, "text": "a"}, "username is missing or empty"),
    "a number for a text": (comment() | {"text": 5}, "text is not a string"),
    "a list for a name": (comment() | {"username": ["Ada"]}, "username is not a string"),
    "too long a name": (comment() | {"username": "x" * 256}, "username is longer than 255 characters"),
    "a name too long when normalised": (
        comment() | {"username": "\ufdfa" * 64},
        "the username is too long when normal",
    ),
    "too long a text": (comment("x" * 100_001), "text is longer than 100000 characters"),
    "NUL": (comment("a\0b"), "The text has a character that is not valid Unicode"),
    "a lone surrogate": (
        b'{"timestamp": 1, "username": "Ada", "text": "\\ud83d"}',
        "The text has a character that is",
    ),
    "a surrogate in the name": (b'{"timestamp": 1, "username": "\\ude00", "text": "a"}', "The username has a char"),
    "NUL in the context": (comment(context=[{"a\0": 1}]), "The context has a character that is not valid"),
    "NUL in the misc": (comment(misc="\0"), "The misc has a character that is not valid"),
    "NUL in the domain": (comment(domain="\0"), "The domain has a character that is not valid"),
    "NUL in the reply": (comment(replyTo="\0"), "The replyTo has a character that is not valid"),
    "NaN": (b'{"timestamp": 1, "username": "Ada", "text": "a", "context": NaN}', "it is not JSON"),
    "infinity": (b'{"timestamp": 1, "username": "Ada", "text": "a", "context": 1e999}', "context has a number"),
    "huge context": (comment(context="x" * (2**20 - 1)), "it is longer than 1048576 bytes"),
    "botParams in a list": (comment(botParams=[1]), "botParams is not a JSON object"),
    "no timestamp": ({"username": "Ada", "text": "a"}, "the timestamp is not a whole number of milliseconds"),
    "a timestamp in words": (comment() | {"timestamp": "1507466702000"}, "the timestamp is not a whole number"),
    "a broken timestamp": (comment() | {"timestamp": 1.5}, "the timestamp is not a whole number"),
    "true for a timestamp": (comment() | {"timestamp": True}, "the timestamp is not a whole number"),
    "a timestamp before 1970": (comment(timestamp=-1), "the timestamp is not a whole number"),
    "a timestamp of thirty digits": (comment(timestamp=10**30), "the timestamp is not a whole number"),
    "a number of 5,000 digits": (
        b'{"timestamp": %s, "username": "Ada", "text": "a"}' % (b"1" * 5000),
        "it is not JSON",
    ),
    "an id with spaces": (comment(id="a b"), "The id does not look like one"),
    "an id that is a number": (comment(id=5), "id is not a string"),
    "an id of the API": (comment(id="health"), "This id means something else"),
    "a color that is none": (comment(color="999999999"), "The color is not nine digits"),
    "a type that is none": (comment() | {"message-type": "robot"}, 'The message-type is "human" or "AI"'),
    "a state that is none": (comment(state="deleted"), "the state is not one of visible, held, hidden, erased"),
    "a state in a list": (comment(state=[]), "the state is not one of"),
    "endless nesting": (b"[" * 100_000, "it is not JSON"),
    "nesting in the context": (comment(context=nested(101)), "context is nested deeper than 100 levels"),
}


@pytest.mark.parametrize(("line", "reason"), UNFIT.values(), ids=UNFIT.keys())
def test_a_line_that_is_unfit_is_reported_with_its_number_and_the_rest_goes_in(line, reason, imported):
    line = line if isinstance(line, bytes) else json.dumps(line).encode()
    done = imported(
        b"\n".join([*ndjson([comment("one", 1)]).splitlines(), b"", line, *ndjson([comment("two", 2)]).splitlines()])
    )
    assert done.refused.keys() == {3}
    assert done.refused[3].startswith(reason)
    assert done.summary == "2 imported, 0 already there, 1 left out"
    assert done.failed
    assert texts() == ["one", "two"]


def test_what_nobody_asked_for_in_a_line_does_no_harm(imported):
    odd = b'{"timestamp": 1, "username": "Ada", "text": "a", "note": "\\ud83d\\u0000", "\\ud83d": [1e999, {"": null}]}'
    assert imported(odd).summary == "1 imported, 0 already there, 0 left out"
    assert imported(odd).summary == "0 imported, 1 already there, 0 left out"


def test_nesting_without_end_is_reported(imported):
    nest = b"[" * 5000 + b"]" * 5000
    inside = b'{"timestamp": 1, "username": "Ada", "text": "a", "context": ' + nest + b"}"
    elsewhere = b'{"timestamp": 1, "username": "Ada", "text": "a", "more": ' + nest + b"}"
    done = imported(b"[" + b",".join([inside, elsewhere, nest, json.dumps(comment("two", 2)).encode()]) + b"]")
    assert done.refused == {
        1: "context is nested deeper than 100 levels",
        2: "it is nested too deeply",
        3: "it is not a JSON object",
    }
    assert texts() == ["two"]


@pytest.mark.parametrize("nest", [b"[", b'{"":', b'[{"":'])
def test_a_line_that_is_nested_without_end_is_never_read_whatever_it_is_nested_of(nest, imported):
    done = imported(b'{"more": ' + nest * 6001 + b"\n" + json.dumps(comment("two", 2)).encode())
    assert done.refused == {1: "it is not JSON that could be read: it is nested too deeply"}
    assert texts() == ["two"]


def test_nesting_that_history_may_have_can_be_read_by_bots(imported, api, bot_token):
    assert not imported([comment(context=nested(100))]).failed
    answer = api.get("/api/comments", authorization=f"Bearer {bot_token}")
    assert answer.json()["comments"][0]["context"] == nested(100)


def test_elements_of_an_array_are_numbered_and_judged_one_by_one(imported):
    done = imported(
        json.dumps({"comments": [comment("one", 1), 5, comment(""), comment("two", 2)]}, indent=2).encode()
    )
    assert done.refused == {2: "it is not a JSON object", 3: "text is missing or empty"}
    assert (texts(), done.failed) == (["one", "two"], True)


def test_an_array_may_be_followed_by_nothing_however_long(imported):
    done = imported(json.dumps([comment("one", 1)]).encode() + b"\n" * (elements.MAX_ELEMENT_BYTES + 300_000))
    assert (texts(), done.failed, done.refused) == (["one"], False, {})


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([comment(str(number), number) for number in range(100)]).encode()[:-100],
        json.dumps([comment(str(number), number) for number in range(100)]).encode() + b"x",
        json.dumps({"comments": [comment(str(number), number) for number in range(100)]}).encode()[:-100],
    ],
    ids=["an array that ends early", "something after an array", "an object that ends early"],
)
def test_what_stands_before_damage_in_an_array_goes_in(content, imported):
    done = imported(content)
    assert done.failed
    assert len(done.refused) == 1
    ((number, reason),) = done.refused.items()
    assert reason.startswith("the file cannot be read from here on: ")
    assert number >= 98
    assert texts() == [str(number) for number in range(number - 1)]


DAMAGED = {
    "cut short": lambda zipped: zipped[: len(zipped) // 2],
    "cut at the very start": lambda zipped: zipped[:5],
    "cut just before its end": lambda zipped: zipped[:-4],
    "with a wrong checksum": lambda zipped: zipped[:-8] + bytes(8),
    "followed by something else": lambda zipped: zipped + b"something else",
}


WRITING = {"lines": ndjson, "an array": lambda lines: json.dumps(lines).encode()}
GZIP_HEADER_BYTES = 10
PLENTY = [comment(f"{number} {random.Random(number).randbytes(20).hex()}", number) for number in range(2000)]


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
@pytest.mark.parametrize("write", WRITING.values(), ids=WRITING.keys())
@pytest.mark.parametrize("count", [50, 2000])
def test_a_damaged_gzip_file_is_reported_and_read_as_far_as_it_goes(damage, write, count, imported):
    damaged = damage(gzip.compress(write(PLENTY[:count])))
    readable = zlib.decompressobj(-zlib.MAX_WBITS).decompress(damaged[GZIP_HEADER_BYTES:])
    done = imported(damaged)
    assert texts() == [line["text"] for line in PLENTY[: readable.count(b"}")]]
    assert done.failed
    number, reason = done.refused.popitem()
    assert (number, done.refused) == (len(texts()) + 1, {})
    assert reason.startswith("the file cannot be read from here on: ")


@pytest.mark.parametrize("write", WRITING.values(), ids=WRITING.keys())
@pytest.mark.parametrize("at", range(11, 60_000, 4999))
def test_a_gzip_file_with_damage_anywhere_never_passes_for_whole(at, write, imported):
    zipped = gzip.compress(write(PLENTY))
    done = imported(zipped[:at] + b"damage" + zipped[at + 6 :])
    assert done.failed
    assert any("the file cannot be read from here on: " in reason for reason in done.refused.values())


# No news


def test_imported_history_is_no_news_for_who_reads_the_live_stream(imported, post, changes, api):
    old = changes(0)["cursor"]
    post("live")
    live = changes(0)["cursor"]
    listed = api.get("/api/comments").json()["cursor"]
    imported(LINES)
    assert changes(live)["changes"] == changes(listed)["changes"] == []
    assert [change["text"] for change in changes(old)["changes"]] == ["live"]
    post("later")
    assert [change["text"] for change in changes(live)["changes"]] == ["later"]


def test_imported_history_is_no_news_for_who_came_when_there_was_nothing(imported, changes, api):
    from_changes = changes(0)["cursor"]
    from_list = api.get("/api/comments").json()["cursor"]
    imported(LINES)
    assert changes(from_changes)["changes"] == changes(from_list)["changes"] == []
    assert not changes(from_changes)["hasMore"]


def test_imported_history_is_all_there_for_who_begins_at_the_beginning(imported, post, changes):
    post("live")
    imported([comment(str(number), 1000 + number) for number in range(10)])
    imported([comment(str(number), 1000 + number) for number in range(10, 15)])
    seen, cursor, more = [], 0, True
    while more:
        page = changes(cursor, limit=4)
        seen += [change["text"] for change in page["changes"]]
        cursor, more = page["cursor"], page["hasMore"]
    assert seen == [*map(str, range(15)), "live"]
    assert cursor == StreamClock.now().version


def test_R05_imported_history_is_in_the_next_list_on_both_paths(imported, api):
    for path in ("/api/comments", "/api/comments?fresh=true"):
        assert api.get(path).json()["comments"] == []
    imported(LINES)
    for path in ("/api/comments", "/api/comments?fresh=true"):
        assert [comment["text"] for comment in api.get(path).json()["comments"]] == texts()
        assert api.get(path).json()["total"] == 3
    assert api.get("/api/stats").json()["totalMessages"] == 3


def test_hiding_imported_history_is_news(imported, changes):
    cursor = changes(0)["cursor"]
    imported(LINES)
    Comment.objects.filter(pk="given-1").hide()
    (change,) = changes(cursor)["changes"]
    assert (change["id"], change["removed"]) == ("given-1", True)


@pytest.mark.django_db(transaction=True)
def test_posting_during_an_import_loses_and_repeats_nothing(post, changes, monkeypatch, tmp_path):
    monkeypatch.setattr(importing, "CHUNK", 20)
    path = tmp_path / "history"
    path.write_bytes(ndjson([comment(f"old {number}", 1000 + number // 3) for number in range(600)]))
    cursor = changes(0)["cursor"]
    failures = []

    def in_a_thread():
        try:
            failures.append(run(str(path)).failed)
        finally:
            connection.close()

    import_ = threading.Thread(target=in_a_thread)
    import_.start()
    posted, seen = [], []
    while import_.is_alive() or len(posted) < 20:
        posted.append(post(f"live {len(posted)}").pk)
        page = changes(cursor)
        cursor = page["cursor"]
        seen += [change["id"] for change in page["changes"]]
    import_.join()
    assert failures == [False]
    assert seen == posted
    assert changes(cursor)["changes"] == []
    assert StreamClock.now().visible_total == Comment.objects.visible().count() == 600 + len(posted)
    assert [text for text in texts() if text.startswith("old")] == [f"old {number}" for number in range(600)]


# Out, and in again


@pytest.fixture
def lively(post, held, bot, imported):
    """A stream with something of everything."""
    imported([comment(f"old {number}", 1000) for number in range(5)])
    first = post("first\n\n  second", "José 日本", color="#ffb400", domain="news", language="pt-BR", misc="m")
    post("answer", reply_to=first.pk, context=["x", {"y": None}], bot_params={"processed": False})
    post("by a bot", bot=bot, message_type="AI", context="", bot_params={})
    for text in ("hidden", "erased", "restored"):
        post(text)
    held("held")
    held("held, then hidden")
    held("held, then erased")
    released = held("released")
    Comment.objects.filter(text__contains="hidden").hide()
    Comment.objects.filter(text__contains="erased").erase()
    Comment.objects.filter(text="restored").hide()
    Comment.objects.filter(text="restored").restore()
    Comment.objects.filter(pk=released.pk).release()


STORED_ELSEWHERE = {"version", "bots_version", "wall", "author_key", "work"}  # history asks bots for nothing


def without_place(rows) -> list[dict]:
    """What an import keeps of a row."""
    return [{name: row[name] for name in row if name not in STORED_ELSEWHERE} for row in rows]


def test_what_is_exported_and_imported_is_the_same_stream(lively, imported, api):
    before = without_place(Comment.objects.order_by("pk").values())
    listed = api.get("/api/comments?limit=1000").json()["comments"]
    total = StreamClock.now().visible_total
    written = exported()
    forget_everything()
    done = imported(written.encode())
    assert (done.failed, done.refused) == (False, {})
    assert without_place(Comment.objects.order_by("pk").values()) == before
    assert api.get("/api/comments?limit=1000").json()["comments"] == listed
    assert StreamClock.now().visible_total == total == len(listed)
    assert exported() == written


def test_the_export_is_lines_in_the_order_of_the_stream_with_no_trace_of_the_author(lively):
    lines = [json.loads(line) for line in exported().splitlines()]
    assert len(lines) == Comment.objects.count()
    stamps = [line["timestamp"] for line in lines if "timestamp" in line]
    assert stamps == sorted(stamps)
    assert all("timestamp" not in line for line in lines[len(stamps) :])
    assert {line.get("state", "visible") for line in lines} == set(State.values)
    keys = set(Comment.objects.exclude(author_key="").values_list("author_key", flat=True))
    assert keys
    assert not any(key in exported() for key in keys)
    assert "erased" not in {line.get("text") for line in lines}


def test_only_what_is_visible_can_be_exported(lively):
    lines = [json.loads(line) for line in exported("--visible-only").splitlines()]
    visible = list(Comment.objects.visible().order_by("timestamp").values_list("pk", flat=True))
    assert [line["id"] for line in lines] == visible
    assert all("state" not in line for line in lines)


def test_a_long_stream_is_exported_in_pieces(imported, monkeypatch, django_assert_max_num_queries):
    imported([comment(str(number), 1000 + number) for number in range(50)])
    monkeypatch.setattr(exporting, "CHUNK", 7)
    with django_assert_max_num_queries(11):
        lines = exported().splitlines()
    assert [json.loads(line)["text"] for line in lines] == [str(number) for number in range(50)]


def test_importing_into_the_stream_it_came_from_changes_nothing(lively, imported):
    before = table()
    done = imported(exported().encode())
    assert (done.summary, done.failed) == (f"0 imported, {len(before)} already there, 0 left out", False)
    assert table() == before
