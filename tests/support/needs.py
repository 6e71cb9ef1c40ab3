"""Programs outside Python that some tests need, and what becomes of those tests where one is absent."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

IN_CI = os.environ.get("CI") == "true"  # in which slow tests run in a short form, and none may be left out
EACH = 3 if IN_CI else 1  # of what is played in many orders the short form plays a third
INSTALLING = {
    "PostgreSQL": "apt install postgresql",
    "Redis": "apt install redis-server",
    "nginx": "apt install nginx-light",
    "Chromium": "apt install chromium, or playwright install chromium",
    "Firefox": "apt install firefox-esr",
}


def without(what: str):
    """Leave the running test out, saying why; in CI nothing may be left out."""
    reason = f"needs {what}: {INSTALLING[what]}"
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres. Debian keeps them off the PATH."""
    folders = [Path(found).parent for found in [shutil.which("initdb")] if found]
    if pg_config := shutil.which("pg_config"):
        folders.append(Path(subprocess.check_output([pg_config, "--bindir"], text=True).strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return next((folder for folder in folders if {"initdb", "postgres"} <= names_in(folder)), None)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def redis_server() -> str | None:
    return shutil.which("redis-server")


def nginx() -> str | None:
    """Debian keeps it off the PATH of whoever is not root."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def chromium() -> str | None:
    """An installed Chromium: the system's, or the one that Playwright downloaded."""
    system = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    return system or playwrights_chromium()


def playwrights_chromium() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def firefox() -> str | None:
    return next(filter(None, map(shutil.which, ["firefox-esr", "firefox"])), None)


FINDING = {
    "PostgreSQL": postgres_programs,
    "Redis": redis_server,
    "nginx": nginx,
    "Chromium": chromium,
    "Firefox": firefox,
}


def main(asked: list[str]) -> int:
    """Say what is absent, of all that tests need or of what is asked for; 1 when something is."""
    absent = [what for what in asked or FINDING if not FINDING[what]()]
    for what in absent:
        print(f"{what} is not installed, so the tests that need it were left out. To get it: {INSTALLING[what]}")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
