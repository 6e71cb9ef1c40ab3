"""How Chromium is started: without a screen, and without a word to anybody but the site."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page stays in the process in which its empty tab began: to start another takes longer than to load the page.
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
]
