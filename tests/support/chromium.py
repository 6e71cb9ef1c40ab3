"""How Chromium is started: without a screen, and without a word to anybody but the site."""

# The last list of features counts, so here are those, too, that Playwright leaves out.
LEFT_OUT_BY_PLAYWRIGHT = [
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
# Chromium draws the suggestions below its address bar, which nobody sees here, as pages of their own: that took more
# than half of its time.
SUGGESTIONS = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(LEFT_OUT_BY_PLAYWRIGHT + SUGGESTIONS)}",
    # A page stays in the process in which its empty tab began: to start another takes longer than to load the page.
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
]
