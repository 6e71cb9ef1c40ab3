"""What an operator asks for and cannot have."""


class Impossible(Exception):
    """The sentence says why, and what to do."""
