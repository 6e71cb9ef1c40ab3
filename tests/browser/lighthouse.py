"""What Lighthouse says of a first visit on a phone: `python -m tests.browser.lighthouse`. Needs Node.js from 18 on;
npx gets Lighthouse itself from the npm registry, and keeps it outside of the checkout.

The site is as bin/serve prepares it, with a thousand comments. Three runs, of which the median counts; then what keeps
a category from its best. Exits with 1 if anything demanded is missed.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser.conftest import history, import_into
from tests.support import needs
from tests.support.chromium import ARGUMENTS
from tests.support.servers import UNLIMITED, Server

LIGHTHOUSE = "lighthouse@12.8.2"  # the last that runs under Node.js 20
DEMANDED = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}
RUNS = 3


def report(url: str) -> dict:
    """Lighthouse's own, of one visit: a phone in the middle of the market on a slow line, as is its default."""
    command = [
        *("npx", "--yes", LIGHTHOUSE, url, "--output=json", "--quiet", "--no-enable-error-reporting"),
        f"--only-categories={','.join(DEMANDED)}",
        f"--chrome-flags={' '.join(['--headless=new', *ARGUMENTS])}",
    ]
    env = os.environ | {"CHROME_PATH": needs.chromium()}
    with tempfile.TemporaryDirectory() as elsewhere:
        return json.loads(subprocess.run(command, cwd=elsewhere, env=env, stdout=subprocess.PIPE, check=True).stdout)


def scores(report: dict) -> dict[str, float]:
    return {name: 100 * category["score"] for name, category in report["categories"].items()}


def faults(report: dict) -> list[str]:
    references = [found for category in report["categories"].values() for found in category["auditRefs"]]
    weighed = {found["id"] for found in references if found["weight"]}
    audits = [audit for name, audit in report["audits"].items() if name in weighed and (audit["score"] or 0) < 1]
    return [
        f"{audit['id']}: {audit['score']}, {audit['title']} {audit.get('displayValue', '')}"
        for audit in audits
        if audit["scoreDisplayMode"] not in ("notApplicable", "manual", "informative")
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), **UNLIMITED)
        server.manage("collectstatic", "--noinput", "-v0")
        server.manage("migrate", "-v0")
        import_into(server, history(1000))
        with server:
            reports = [report(server.url) for _ in range(RUNS)]
    medians = {name: statistics.median(scores(found)[name] for found in reports) for name in DEMANDED}
    for name, least in DEMANDED.items():
        print(f"{name}: {medians[name]:.0f} of {least} demanded")
    print("\n".join(sorted({fault for found in reports for fault in faults(found)})))
    return int(any(medians[name] < least for name, least in DEMANDED.items()))


if __name__ == "__main__":
    sys.exit(main())
