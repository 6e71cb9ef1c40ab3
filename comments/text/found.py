"""Where a term stands in a text, however it is written there. The twin of static/js/state/found.js."""

from dataclasses import dataclass

from comments.folding import folded


@dataclass
class Piece:
    """What can be folded by itself. `place`: where it stands when folded."""

    text: str
    folded: str
    start: int
    place: int

    @property
    def stop(self) -> int:
        return self.start + len(self.text)


def spans(text: str, term: str) -> list[tuple[int, int]]:
    """As (start, stop) in the text, in order."""
    wanted = folded(term)
    if not wanted:
        return []
    pieces = _pieces(text)
    whole = "".join(piece.folded for piece in pieces)
    found: list[tuple[int, int]] = []
    at = whole.find(wanted)
    while at >= 0:
        first = next(piece for piece in reversed(pieces) if piece.place <= at)
        last = next(piece for piece in reversed(pieces) if piece.place < at + len(wanted))
        start = max(first.start, found[-1][1] if found else 0)  # a ligature may have it twice
        if start < last.stop:
            found.append((start, last.stop))
        at = whole.find(wanted, at + len(wanted))
    return found


def _pieces(text: str) -> list[Piece]:
    """Letters that a neighbour changes stay together."""
    pieces: list[Piece] = []
    for letter in text:
        last = pieces[-1] if pieces else Piece("", "", 0, 0)
        together = folded(last.text + letter)
        if not pieces or together == last.folded + folded(letter):
            pieces.append(Piece(letter, folded(letter), last.stop, last.place + len(last.folded)))
        else:
            last.text, last.folded = last.text + letter, together
    return pieces
