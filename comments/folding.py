"""How names and words are compared: case, width and the way in which a letter is composed make no difference."""

from unicodedata import normalize


def folded(text: str) -> str:
    """NFKC, case-folded. Twice normalised, because the case folding of a composed letter may be a decomposed one."""
    return normalize("NFKC", normalize("NFKC", text).casefold())
