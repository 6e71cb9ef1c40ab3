"""Makes the PNGs of static/icons from the SVGs beside them: `python -m tests.browser.icons`."""

from playwright.sync_api import sync_playwright

from tests.support import needs
from tests.support.declared_settings import ROOT

ICONS = ROOT / "static/icons"
DRAWN = {"icon-192": ("icon", 192, 192), "icon-512": ("icon", 512, 512), "preview": ("preview", 1200, 630)}


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.chromium(), args=["--no-sandbox"])
        for name, (source, width, height) in DRAWN.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_content((ICONS / f"{source}.svg").read_text())
            page.add_style_tag(content="body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }")
            page.screenshot(path=ICONS / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
