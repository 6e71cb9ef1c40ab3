/* On some phones the keyboard covers the page instead of making it smaller: fit the page into what is left. */

export function fitToKeyboard(viewport = visualViewport) {
  if (viewport) viewport.addEventListener("resize", () => fit(viewport));
}

function fit({ height, offsetTop, scale }) {
  const { style } = document.documentElement;
  const isCovered = scale === 1 && height < innerHeight - 1; // zoomed in, the reader looks at a part on purpose
  style.setProperty("--visible-height", isCovered ? `${height}px` : "100dvh");
  style.setProperty("--visible-top", isCovered ? `${offsetTop}px` : "0");
}
