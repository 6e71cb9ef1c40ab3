"""What servers do wrong with the stream: each loses, keeps, reorders or reshapes something."""

from .spoiling import Exchange, Spoil
from .wrong_wire import understand


def lists(exchange: Exchange) -> list | None:
    """The comments of an answer, whatever shape it has."""
    body = exchange["body"]
    if exchange["method"] != "GET" or exchange["status"] != 200:
        return None
    if isinstance(body, dict):
        return body.get("comments", body.get("changes"))
    return body if isinstance(body, list) else None


def is_feed(exchange: Exchange) -> bool:
    return exchange["path"].startswith("/api/changes") and exchange["status"] == 200


def lose_one(exchange: Exchange) -> None:
    """A cursor that ties: the second of a page is passed over."""
    if (found := lists(exchange)) and len(found) > 2:
        del found[1]


def keep_the_clients_clock(exchange: Exchange) -> None:
    if isinstance(exchange["sent"], dict) and "timestamp" in exchange["sent"] and exchange["status"] == 201:
        exchange["body"]["timestamp"] = exchange["sent"]["timestamp"]


def say_never_that_more_follows(exchange: Exchange) -> None:
    if is_feed(exchange):
        exchange["body"]["hasMore"] = False


def begin_at_the_oldest(exchange: Exchange) -> None:
    if exchange["path"].startswith("/api/comments?") and (found := lists(exchange)):
        found.reverse()


def cache_for_ever() -> Spoil:
    kept: dict = {}

    def spoil(exchange: Exchange) -> None:
        if exchange["path"].startswith("/api/comments?") and lists(exchange) is not None:
            exchange["body"] = kept.setdefault(exchange["path"], exchange["body"])

    return spoil


def drop_a_field(exchange: Exchange) -> None:
    for comment in lists(exchange) or []:
        comment.pop("replyTo", None)


def make_its_own_id(exchange: Exchange) -> None:
    if exchange["method"] == "POST" and isinstance(exchange["sent"], dict):
        exchange["sent"].pop("id", None)


def answer_errors_as_prose(exchange: Exchange) -> None:
    if exchange["status"] >= 400:
        exchange["body"] = "Something went wrong"


def repeat_all_to_the_idle(exchange: Exchange) -> None:
    if is_feed(exchange) and not exchange["body"]["changes"]:
        exchange["body"]["padding"] = "x" * 400


def empty_lists_meanwhile(exchange: Exchange) -> None:
    if (found := lists(exchange)) and len(found) == 10:
        found.clear()


def tell_the_list_again(exchange: Exchange) -> None:
    if isinstance(exchange["body"], dict) and "comments" in exchange["body"]:
        exchange["body"]["cursor"] = 0


def count_never(exchange: Exchange) -> None:
    if isinstance(exchange["body"], dict) and "total" in exchange["body"]:
        exchange["body"]["total"] = 7


def wrap_the_poll(exchange: Exchange) -> None:
    if isinstance(exchange["body"], list):
        exchange["body"] = {"comments": exchange["body"]}


def add_a_field(exchange: Exchange) -> None:
    for comment in lists(exchange) or []:
        comment["author"] = "127.0.0.1"


def forget_when_to_come_again(exchange: Exchange) -> None:
    if is_feed(exchange):
        exchange["body"].pop("pollAfterMs", None)


def take_bots_for_visitors(asked: Exchange) -> None:
    if asked["method"] == "GET":
        asked["headers"].pop("authorization", None)


def take_visitors_for_bots() -> Spoil:
    """By what the last bot said."""
    known: dict[str, str] = {}

    def spoil(asked: Exchange) -> None:
        known.update({name: value for name, value in asked["headers"].items() if name == "authorization"})
        asked["headers"] |= known

    return spoil


def wait_for_nothing(exchange: Exchange) -> None:
    if "&wait=30" in exchange["path"]:
        exchange["body"]["changes"] = []


WRONG = {
    "loses one between two of a moment": ("R01", {"after": lose_one}),
    "keeps a client's timestamp": ("R02", {"after": keep_the_clients_clock}),
    "tells again what a list had": ("R03", {"after": tell_the_list_again}),
    "never says that more follows": ("R04", {"after": say_never_that_more_follows}),
    "lists the oldest first load": ("R05", {"after": begin_at_the_oldest}),
    "loses one of many posts": ("R06", {"after": lose_one}),
    "empties a list while bots note": ("R07", {"after": empty_lists_meanwhile}),
    "loses one in time": ("R08", {"after": lose_one}),
    "keeps lists for ever": ("R09", {"after": cache_for_ever()}),
    "tells the idle much": ("R10", {"after": repeat_all_to_the_idle}),
    "answers fresh from a cache": ("R12", {"after": cache_for_ever()}),
    "gives more than the limit": ("R13", understand("limit=5", "limit=6")),
    "counts never": ("R14 the total", {"after": count_never}),
    "counts something else": ("R14 the numbers", {"after": count_never}),
    "adds a field": ("R16 the list", {"after": add_a_field}),
    "drops a field of its shape": ("R16 the list", {"after": drop_a_field}),
    "wraps the poll": ("R16 the poll", {"after": wrap_the_poll}),
    "forgets when to come again": ("R16 the change", {"after": forget_when_to_come_again}),
    "drops a field": ("R17", {"after": drop_a_field}),
    "stores another id": ("R18 an id is", {"before": make_its_own_id}),
    "says errors in prose": ("R11 other nonsense", {"after": answer_errors_as_prose}),
}
NOTES = {
    "tells visitors of notes": ("wire visitors learn", {"before": take_visitors_for_bots()}),
    "moves for visitors what was noted": ("wire a note does not", {"before": take_visitors_for_bots()}),
    "tells bots nothing of notes": ("wire bots learn", {"before": take_bots_for_visitors}),
    "tells a bot's socket nothing of notes": ("wire a websocket", {"before": take_bots_for_visitors}),
    "tells a visitor's socket of notes": ("wire a websocket", {"before": take_visitors_for_bots()}),
    "wakes visitors for notes": ("wire a note ends", {"before": take_visitors_for_bots()}),
    "answers a long poll with nothing": ("wire a long poll", {"after": wait_for_nothing}),
}
WRONG |= NOTES
