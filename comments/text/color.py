"""Colours of names: nine digits RRRGGGBBB, each part 000 to 255, however they were written."""

import colorsys
import re
from hashlib import sha256

HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
RGB = re.compile(r"rgb\( *([0-9]{1,3}) *, *([0-9]{1,3}) *, *([0-9]{1,3}) *\)")
DIGITS = re.compile(r"([0-9]{3})([0-9]{3})([0-9]{3})")


def canonical(color: str) -> str | None:
    """The nine digits for `#rrggbb`, `rgb(r, g, b)` or nine digits; None for anything else."""
    if match := HEX.fullmatch(color):
        parts = [int(part, 16) for part in match.groups()]
    elif match := RGB.fullmatch(color) or DIGITS.fullmatch(color):
        parts = [int(part) for part in match.groups()]
    else:
        return None
    return _digits(parts) if max(parts) <= 255 else None


def for_name(username_key: str) -> str:
    """The colour of a name that comes without one: always the same for the same name."""
    hue = int.from_bytes(sha256(username_key.encode()).digest()[:2]) / 65536
    return _digits([round(part * 255) for part in colorsys.hls_to_rgb(hue, 0.6, 0.7)])


def _digits(parts: list[int]) -> str:
    return "".join(f"{part:03}" for part in parts)
