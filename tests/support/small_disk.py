"""A disk of a few megabytes that can be filled, where mounting one is allowed."""

import errno
import os
import subprocess
from pathlib import Path

import pytest

MEGABYTES = 8
BLOCK = bytes(4096)


class SmallDisk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.filler = folder / "filler"

    def mount(self) -> "SmallDisk":
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", self.folder])
        if made.returncode:
            pytest.skip("needs the right to mount")
        return self

    def fill(self) -> None:
        with self.filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(BLOCK)
            except OSError as error:
                assert error.errno == errno.ENOSPC

    def make_room(self) -> None:
        self.filler.unlink()

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)


def without_roots_rights() -> list[str]:
    """The beginning of a command that root's own files obey: what may not be written is not, whoever asks."""
    return [] if os.getuid() else ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
