"""What the comment's markup needs beyond the comment itself.

static/js has a twin of each filter, for the comments that arrive later: the same input gives the same markup, so that
nothing on the page moves or changes colour when its script starts. Tests in tests/browser compare them.
"""

import re
import time
from datetime import UTC, datetime
from html import unescape
from urllib.parse import quote

from django import template
from django.conf import settings
from django.utils import dateformat
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from comments.stream.comment import Comment
from comments.text import direction, marks, shapes
from comments.text.found import spans
from comments.text.links import Part, parts

register = template.Library()

HUES = 48
TONES = ["", " tone-dark", " tone-bright"]
DARK, BRIGHT = 240, 345  # the sum of the strongest and the weakest part, from 0 to 510
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
EXCERPT = 200
TAG = re.compile(r"(<[^>]*>)")  # no attribute of ours has a bare >


@register.simple_tag
def site_name() -> str:
    return settings.SITE_NAME


@register.simple_tag
def site_about() -> str:
    return settings.SITE_ABOUT


@register.filter
def hue_class(color: str) -> str:
    """The CSS classes for nine digits RRRGGGBBB: one of 48 hues, or grey, in one of 3 tones."""
    red_green_blue = [int(color[at : at + 3]) for at in (0, 3, 6)]
    return f"hue-{hue(*red_green_blue)}{tone(max(red_green_blue) + min(red_green_blue))}"


def hue(red: int, green: int, blue: int) -> int | str:
    """Integers only, to be equal everywhere."""
    high = max(red, green, blue)
    chroma = high - min(red, green, blue)
    if chroma < 24 or chroma * 6 < high:
        return "grey"
    if high == red:
        sixths = (green - blue) % (6 * chroma)
    elif high == green:
        sixths = blue - red + 2 * chroma
    else:
        sixths = red - green + 4 * chroma
    return (sixths * HUES + 3 * chroma) // (6 * chroma) % HUES


def tone(lightness: int) -> str:
    return TONES[(lightness < DARK) + 2 * (lightness >= BRIGHT)]


@register.filter
def in_path(name: str) -> str:
    """As the script does it, with encodeURIComponent."""
    return quote(name, safe="!'()*")


@register.filter
def mark(comment: Comment) -> str:
    return marks.path(direction.neutral(comment.username), comment.color)


@register.filter
def age(timestamp: int) -> str:
    """now, 5m; older than an hour the time of day, in UTC until the browser knows better."""
    passed = now() - timestamp
    if passed < MINUTE_MS:
        return gettext("now")
    if passed < HOUR_MS:
        return f"{passed // MINUTE_MS}m"
    return moment(timestamp).strftime("%H:%M")


@register.filter
def iso(timestamp: int) -> str:
    return moment(timestamp).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@register.filter
def full_time(timestamp: int) -> str:
    return f"{date(timestamp)}, {moment(timestamp):%H:%M:%S} UTC"


@register.filter
def neutral(text: str) -> str:
    return direction.neutral(text)


@register.filter
def is_lone_emoji(text: str) -> bool:
    return shapes.is_lone_emoji(text)


@register.filter
def shaped(text: str) -> SafeString:
    """The text, escaped: quoted lines, code, links."""
    return mark_safe(
        "".join(
            format_html("<q>{}</q>", inline(piece)) if is_quoted else inline(piece)
            for piece, is_quoted in shapes.blocks(text)
        )
    )


def inline(text: str) -> SafeString:
    return mark_safe(
        "".join(
            format_html("<code>{}</code>", piece) if is_code else linked(piece) for piece, is_code in shapes.runs(text)
        )
    )


@register.filter
def linked(text: str) -> SafeString:
    """The text, escaped, its http and https addresses as links."""
    return mark_safe("".join(link(part) if part.address else escape(part.shown) for part in parts(text)))


@register.filter
def marked(markup: SafeString, term: str) -> SafeString:
    """What is searched for, marked in the texts of some markup of ours."""
    if not term:
        return markup
    pieces = TAG.split(markup)
    return mark_safe("".join(piece if piece.startswith("<") else marks_in(unescape(piece), term) for piece in pieces))


def marks_in(text: str, term: str) -> str:
    made, end = [], 0
    for start, stop in spans(text, term):
        made += [escape(text[end:start]), format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    return "".join([*made, escape(text[end:])])


@register.filter
def excerpt(text: str) -> str:
    """What is quoted of a text: its beginning."""
    return direction.neutral(text[:EXCERPT])


def link(part: Part) -> SafeString:
    markup = '<a href="{}" target="_blank" rel="nofollow ugc noopener noreferrer">{}</a>'
    return format_html(markup, part.address, part.shown)


def day(timestamp: int) -> str:
    """Today, Yesterday, or the date; in UTC until the browser knows better."""
    passed = (moment(now()).date() - moment(timestamp).date()).days
    if passed == 0:
        return gettext("Today")
    return gettext("Yesterday") if passed == 1 else date(timestamp)


def date(timestamp: int) -> str:
    return dateformat.format(moment(timestamp), gettext("j F Y"))


def now() -> int:
    return time.time_ns() // 1_000_000


def moment(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp / 1000, UTC)
