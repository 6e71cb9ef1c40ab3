"""The WebSocket of the change feed."""

import time

from websockets.exceptions import ConnectionClosed, InvalidStatus

from . import answers
from .answers import must
from .checks import check
from .site import Site, Socket, refusal, texts

NO_SOCKETS = ("/", "/ws/", "/ws/changes/", "/api/changes", "/ws/%00")
REFUSED = ("", "after=x", "after=-1", f"after={2**53 - 1}", "after=0&limit=0")
NONSENSE = ("", "{", "[]", "null", '{"cursor": "x"}', '{"cursor": -1}', b"\xff\x00", "x" * 4000)
TOO_LONG = "x" * 512 * 1024
ENVELOPE = ("after", "changes", "hasMore")


@check("wire", is_live=True)
def the_first_envelope_comes_at_once_and_is_that_of_the_api(site: Site) -> None:
    site.post("elsewhere", domain=f"{site.room}-b")
    site.post("one")
    with site.socket(0) as socket:
        envelope, of_api = socket.envelope(), site.changes(0, token=None)
    must(set(envelope) == set(of_api), f"the envelope of a WebSocket has other fields: {sorted(envelope)}")
    must([envelope[name] for name in ENVELOPE] == [of_api[name] for name in ENVELOPE], "it is not that of the API")
    must(texts(envelope["changes"]) == ["one"] and envelope["cursor"] <= of_api["cursor"], "it has another cursor")
    head = site.head()
    with site.socket(head) as socket:
        envelope = socket.envelope()
    must(envelope["changes"] == [] and envelope["cursor"] >= head, "who has all is told something")


@check("wire", is_live=True)
def a_post_is_pushed_to_all_whatever_their_cursors(site: Site) -> None:
    site.post("one")
    with site.socket(0) as late, site.socket(site.head()) as up_to_date:
        must(texts(late.until("one")) == ["one"], "who is late is not told what was said")
        must(up_to_date.envelope()["changes"] == [], "who has all is told something")
        site.post("two")
        must(texts(late.until("two")) == texts(up_to_date.until("two")) == ["two"], "one is told something else")


@check("wire", is_live=True)
def a_sockets_filter_lets_through_what_it_names_and_nothing_else(site: Site) -> None:
    with site.socket(site.head()) as socket:
        socket.envelope()
        for number in range(3):
            site.post(f"there {number}", domain=f"{site.room}-b")
        site.post("here")
        must(texts(socket.until("here")) == ["here"], "a filter of a WebSocket lets through what it does not name")


@check("R11", is_live=True)
def what_the_api_refuses_a_websocket_refuses_with_a_code(site: Site) -> None:
    for query in REFUSED:
        with site.connected(f"/ws/changes?{query}") as connection:
            code = refusal(connection)
        must(code == 4422, f"a WebSocket with '{query}' is closed with {code} and not 4422")


@check("wire", is_live=True)
def a_wrong_token_opens_no_websocket(site: Site) -> None:
    for authorization in ("Bearer wrong", "Basic x"):
        with site.connected("/ws/changes?after=0", authorization) as connection:
            code = refusal(connection)
        must(code == 4401, f"a WebSocket of '{authorization}' is closed with {code} and not 4401")


@check("wire", is_live=True)
def there_is_no_other_websocket(site: Site) -> None:
    for path in NO_SOCKETS:
        try:
            with site.connected(path):
                must(False, f"there is a WebSocket at {path}")
        except InvalidStatus as refused:
            status = refused.response.status_code
            must(status == 403, f"a WebSocket at {path} is answered {status} and not 403")


@check("R59", is_live=True)
def nonsense_from_a_reader_does_no_harm(site: Site) -> None:
    for number, nonsense in enumerate(NONSENSE):
        with site.socket(site.head()) as socket:
            socket.envelope()
            socket.connection.send(nonsense)
            site.post(f"still here {number}")
            told = texts(socket.until(f"still here {number}"))
            must(told == [f"still here {number}"], f"who has sent {nonsense[:20]!r} is told {told}")


@check("R59", is_live=True)
def a_message_that_is_too_long_ends_that_reader_only(site: Site) -> None:
    with site.socket(site.head()) as reader, site.socket(site.head()) as other:
        other.envelope()
        must(is_ended(reader, TOO_LONG), "a message of half a megabyte is taken")
        site.post("to the other")
        must(texts(other.until("to the other")) == ["to the other"], "another reader is told something else")


def is_ended(reader: Socket, message: str) -> bool:
    """Whether this message ends it, and not only after a long time."""
    deadline = time.monotonic() + answers.PATIENCE_SECONDS
    try:
        reader.connection.send(message)
        while time.monotonic() < deadline:
            reader.envelope()
    except ConnectionClosed:
        return True
    return False
