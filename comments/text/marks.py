"""The mark of an author, drawn from name and colour: a square of four fields, each with one of six figures.

static/js/state/marks.js is the twin: the same name and colour give the same mark wherever it is drawn.
"""

FIELD = 8
FIELDS = [(0, 0), (1, 0), (0, 1), (1, 1)]
# Where each begins in its field, and how it goes on: four quarters of a disc, a disc, the whole field.
FIGURES = [
    (0, 0, "h8a8 8 0 0 1-8 8z"),
    (8, 0, "v8a8 8 0 0 1-8-8z"),
    (8, 8, "h-8a8 8 0 0 1 8-8z"),
    (0, 8, "v-8a8 8 0 0 1 8 8z"),
    (0, 4, "a4 4 0 1 1 8 0a4 4 0 1 1-8 0z"),
    (0, 0, "h8v8h-8z"),
]


def path(username: str, color: str) -> str:
    """The `d` of an SVG path in a square of 16 by 16."""
    seed = seed_of(f"{username} {color}")
    return "".join(figure(seed >> 8 * at & 255, *field) for at, field in enumerate(FIELDS))


def figure(choice: int, column: int, row: int) -> str:
    x, y, line = FIGURES[choice % len(FIGURES)]
    return f"M{FIELD * column + x} {FIELD * row + y}{line}"


def seed_of(words: str) -> int:
    """32 bits in which each character has a say (FNV-1a over code points, mixed once more)."""
    seed = 2166136261
    for character in words:
        seed = (seed ^ ord(character)) * 16777619 & 0xFFFFFFFF
    seed = (seed ^ seed >> 15) * 2246822519 & 0xFFFFFFFF
    return seed ^ seed >> 13
