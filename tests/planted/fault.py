"""What a planted fault is, and how a tree gets it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns("var", "mutants", ".git", "__pycache__", ".*_cache", ".hypothesis")


@dataclass(frozen=True)
class Fault:
    """In `file`, `right` becomes `wrong`; `tests`, arguments for pytest, must notice."""

    name: str
    file: str
    right: str
    wrong: str
    tests: str

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"

    def planted_in(self, source: str) -> str:
        assert source.count(self.right) == 1, f"{self}: the code has changed, so the fault has to"
        return source.replace(self.right, self.wrong)


def copy_of_the_tree(to: Path) -> Path:
    return shutil.copytree(ROOT, to, ignore=LEFT_OUT)


@contextmanager
def planted(fault: Fault, tree: Path) -> Iterator[None]:
    path = tree / fault.file
    source = path.read_text()
    path.write_text(fault.planted_in(source))
    try:
        yield
    finally:
        path.write_text(source)
