"""What the logs say, and what they keep to themselves."""

import json
import logging
import sys

import pytest

from comments.errors import Refused
from saywhat.logs import JsonLine, TextLine, id_of, request_id

WORDS = "words-that-nobody-logs"
ADDRESS = "127.0.7.77"
HELLO = {"text": WORDS, "username": "Ada"}


@pytest.mark.slow
def test_R62_neither_addresses_nor_words_are_in_the_logs(server):
    server.post(HELLO, address=ADDRESS)
    server.post({**HELLO, "id": "taken-id"}, address=ADDRESS)
    server.post({**HELLO, "id": "taken-id", "text": f"other {WORDS}"}, address=ADDRESS)
    server.post({**HELLO, "color": WORDS}, address=ADDRESS)
    server.post(f'{{"text": "{WORDS}"'.encode(), address=ADDRESS)
    for _ in range(10):
        server.post(HELLO, address=ADDRESS)
    for path in (f"/api/comments?search={WORDS}", f"/{WORDS}", f"/api/{WORDS}", f"/api/comments?limit={WORDS}"):
        server.get(path, address=ADDRESS)
    assert server.get("/", host=f"{WORDS}.example").status == 400
    server.stop()
    assert WORDS not in server.log()
    assert ADDRESS not in server.log()


@pytest.mark.slow
def test_a_forged_line_in_a_request_does_not_become_a_line_of_the_log(server):
    server.get("/api/%0A2026-11-22%20ERROR%20forged%1B%5B31m")
    server.post({"text": "\n2026-11-22 ERROR forged\x1b[31m", "username": "Ada"})
    server.stop()
    assert "forged" not in server.log()


@pytest.mark.slow
def test_a_database_that_is_gone_is_logged_without_its_address_and_answered_503(start_server, postgres):
    server = start_server("postgresql")
    server.stop()
    server.env["DATABASE_URL"] = server.env["DATABASE_URL"].rsplit("/", 1)[0] + "/no_such_database"
    server.env["LOG_FORMAT"] = "json"
    server.start()
    health = server.get("/api/comments/health")
    changes = server.get("/api/changes?after=0")
    assert (health.status, health.json()["code"]) == (changes.status, changes.json()["code"]) == (503, "unavailable")
    assert int(changes.headers["Retry-After"]) > 0
    server.stop()
    events = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    assert [event["logger"] for event in events if "The database does not answer" in event["message"]]


# One line an event


def record_of(message: str, exc_info=None) -> logging.LogRecord:
    return logging.LogRecord("comments.x", logging.ERROR, "x.py", 1, message, None, exc_info)


def failure() -> tuple:
    try:
        raise Refused(500, "x", f"{WORDS}\nof a row")
    except Refused:
        return sys.exc_info()


@pytest.mark.parametrize("formatter", [TextLine(), JsonLine()])
def test_an_event_is_one_line_whatever_is_in_it_and_quotes_no_exception(formatter):
    line = formatter.format(record_of("broken\r\n\u2028ERROR forged \x1b[31m über", failure()))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    assert "über" in line
    assert WORDS not in line
    assert "Refused" in line, "the kind is told"
    assert "test_logs.py:" in line, "and where"


def test_an_event_tells_of_which_request_it_is():
    token = request_id.set(id_of("proxy-1.2_3"))
    told = json.loads(JsonLine().format(record_of("broken")))
    text = TextLine().format(record_of("broken"))
    request_id.reset(token)
    assert (told["request"], told["level"], told["logger"]) == ("proxy-1.2_3", "ERROR", "comments.x")
    assert text.endswith("ERROR comments.x: broken [proxy-1.2_3]")
    assert "request" not in json.loads(JsonLine().format(record_of("by itself")))


@pytest.mark.parametrize("passed_in", ["", "x" * 65, "two\nlines", "a b", "ü", '"'])
def test_an_id_that_is_none_is_not_repeated(passed_in):
    assert id_of(passed_in) != passed_in
    assert len(id_of(passed_in)) == 16
