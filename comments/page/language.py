"""In which language the page speaks: that of `?lang=`, else what the browser asks for. No cookie says so.

The phrases of the server's markup stand in locale/*/LC_MESSAGES/django.po, those of the script in djangojs.po; the
page brings the latter along.
"""

import gettext as catalogues
import json
import re
from contextlib import AbstractContextManager
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

NUMBER = re.compile("[0-9]+")


def spoken_to(request: HttpRequest) -> AbstractContextManager:
    """What is rendered inside is in the visitor's language."""
    return translation.override(asked_language(request) or accepted_language(request))


def asked_language(request: HttpRequest) -> str:
    """The language that the address asks for, if there is one; else nothing."""
    return supported(request.GET.get("lang", ""))


def accepted_language(request: HttpRequest) -> str:
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    known = (supported(language) for language, weight in accepted if weight > 0)
    return next(filter(None, known), settings.LANGUAGE_CODE)


def supported(language: str) -> str:
    try:
        return get_supported_language_variant(language)
    except LookupError:
        return ""


def said(sentence: str) -> str:
    """A sentence of an API error, as it is said here; a number in it may be any. The twin of `said` in language.js."""
    number = NUMBER.search(sentence)
    if number is None:
        return translation.gettext(sentence)
    return translation.gettext(NUMBER.sub("{number}", sentence, count=1)).replace("{number}", number[0])


def phrases() -> str:
    """What the script says, in the language of this moment: a JSON object; empty for English."""
    return phrases_in(translation.get_language())


@lru_cache
def phrases_in(language: str) -> str:
    if language == settings.LANGUAGE_CODE:
        return ""
    catalogue = catalogues.translation("djangojs", settings.LOCALE_PATHS[0], [language])
    return json.dumps({phrase: text for phrase, text in catalogue._catalog.items() if phrase}, ensure_ascii=False)
