/* Once a frame; a page that nobody looks at has none, and goes on all the same. */

const WITHOUT_FRAMES_MS = 250;

export function inNextFrame(draw) {
  const once = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    draw();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, WITHOUT_FRAMES_MS);
}
