"""How the API's reference writes what its description says."""

import re

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

CODE = re.compile(r"`([^`]+)`")
WORD = re.compile(r"\w+")


@register.filter
def coded(words: str) -> SafeString:
    """What stands between backticks as code."""
    return mark_safe(CODE.sub(r"<code>\1</code>", escape(words)))


@register.filter
def linked(kind: str, shapes: tuple[str, ...]) -> SafeString:
    """A type in words, with links to the shapes it names."""
    return mark_safe(WORD.sub(lambda word: link(word[0]) if word[0] in shapes else word[0], escape(kind)))


def link(shape: str) -> SafeString:
    return format_html('<a href="#{0}">{0}</a>', shape)
