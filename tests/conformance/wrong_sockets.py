"""What servers do wrong with WebSockets."""

from .spoiling import Exchange
from .wrong_wire import Wrong, hear, understand


def hang_up_on_whoever_speaks(asked: Exchange) -> None:
    def hear(data: bytes) -> bytes:
        raise ConnectionAbortedError

    asked["hear"] = hear


def hear_nobody(asked: Exchange) -> None:
    asked["hear"] = lambda data: b""


WRONG: Wrong = {
    "tells a socket of every room": ("wire the first envelope", understand("^(/ws/.*)&domain=.*", r"\1")),
    "begins each socket anew": ("wire a post is pushed", understand("^(/ws/changes[?]after=)[0-9]+", r"\g<1>0")),
    "knows no filter of sockets": ("wire a sockets filter", understand("^(/ws/.*)&domain=.*", r"\1")),
    "lets any token open a socket": ("wire a wrong token", hear("authorization", None)),
    "takes nonsense for 0": (
        "R11 what the api refuses",
        understand("^/ws/changes.*", "/ws/changes?after=0"),
    ),
    "has sockets everywhere": ("wire there is no other", understand("^/ws/$", "/ws/changes?after=0")),
    "hangs up on nonsense": ("R59 nonsense", {"before": hang_up_on_whoever_speaks}),
    "takes whatever length": ("R59 a message", {"before": hear_nobody}),
}
