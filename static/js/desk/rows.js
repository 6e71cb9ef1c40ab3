/* The rows: what changes is replaced where it stands, what is new comes in at its place, and nothing moves under a
   thumb. */

const MOST_ROWS = 200;
const IDLE_MS = 5000;
const SETTLED_MS = 500;

const rowsOf = (list) => [...list.querySelectorAll(".row")];
const sameRow = (list, row) => list.querySelector(`.row[data-id="${CSS.escape(row.dataset.id)}"]`);

let touchedAt = -Infinity;
let touchedRow = null;
let moving = 0;

export function watchTouches() {
  const touch = (event) => {
    touchedAt = performance.now();
    touchedRow = event.target.closest?.(".row") ?? touchedRow;
  };
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
    document.addEventListener(kind, touch, { passive: true });
  }
}

/** Whether what is pressed now is what it was when the finger was on its way. */
export const isSettled = () => !document.querySelector("#rows").ariaBusy;

function settle() {
  const list = document.querySelector("#rows");
  list.ariaBusy = "true";
  clearTimeout(moving);
  moving = setTimeout(() => (list.ariaBusy = null), SETTLED_MS);
}

/** Replace and add the changed rows; how many came in above what can be seen. */
export function takeRows(list, changed, follows) {
  let above = 0;
  for (const row of [...changed.children].map((row) => document.importNode(row, true))) {
    const old = sameRow(list, row);
    if (old) replace(old, row);
    else if (follows && row.dataset.place) above += insert(list, row);
  }
  rowsOf(list).slice(MOST_ROWS).forEach((row) => row.remove());
  return above;
}

/** The held ones anew; whoever was at one of them is at the next. */
export function takeWaiting(old, fresh) {
  const at = rowsOf(old).indexOf(document.activeElement?.closest(".row"));
  const ticked = new Set([...old.querySelectorAll(":checked")].map((box) => box.value));
  const next = document.importNode(fresh, true);
  old.replaceWith(next);
  next.querySelectorAll("[type=checkbox]").forEach((box) => (box.checked = ticked.has(box.value)));
  if (at >= 0) (rowsOf(next)[Math.min(at, rowsOf(next).length - 1)] ?? next).querySelector("a, button")?.focus();
}

/** Do something to the page, and what was last touched, or is first in view, stays where it is. Who has touched nothing
    for a while, and is at the top, follows the stream. */
export function keepingPlace(change) {
  const follows = performance.now() - touchedAt > IDLE_MS && scrollY < 50;
  const anchor = anchorRow();
  const list = anchor?.closest("ol, section");
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (!anchor) return;
  const now = anchor.isConnected ? anchor : (list?.isConnected && sameRow(list, anchor)) || null;
  const moved = now ? now.getBoundingClientRect().top - before : null;
  if (!follows) scrollBy(0, moved ?? 0);
  else if (moved !== 0) settle();
}

function anchorRow() {
  const inView = (row) => row.isConnected && row.getBoundingClientRect().bottom > 0;
  if (touchedRow && inView(touchedRow) && touchedRow.getBoundingClientRect().top < innerHeight) return touchedRow;
  return rowsOf(document.querySelector("#rows")).find(inView);
}

function replace(old, row) {
  const focused = old.contains(document.activeElement) && document.activeElement;
  const box = row.querySelector("[type=checkbox]");
  if (box) box.checked = old.querySelector("[type=checkbox]")?.checked ?? false;
  old.replaceWith(row);
  if (old === touchedRow) touchedRow = row;
  if (focused) ((focused.name && row.querySelector(".row__acts button")) || row.querySelector("a"))?.focus();
}

function insert(list, row) {
  const place = Number(row.dataset.place);
  const below = rowsOf(list).find((other) => Number(other.dataset.place) < place);
  list.querySelector(".empty")?.remove();
  list.insertBefore(row, below ?? null);
  return row.getBoundingClientRect().bottom < 0 ? 1 : 0;
}
