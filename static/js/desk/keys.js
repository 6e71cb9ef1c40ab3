/* Keys. Those that act do so on the row that has the focus, and on none if none has. */

// A dialog that was just closed has the focus until the next frame.
const FIELDS = "input:not([type=checkbox]), select, textarea, dialog[open]";
const rows = () => [...document.querySelectorAll(".row")];
const focusedRow = () => document.activeElement?.closest(".row");
const press = (selector) => focusedRow()?.querySelector(selector)?.click();

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  h: () => press('[value^="hide:one:"]'),
  a: () => press('[value^="hide:author:"]'),
  l: () => press('[value^="hide:alike:"]'),
  r: () => press('[value^="release:one:"], [value^="restore:one:"]'),
  x: () => press("[name=chosen]"),
  u: () => document.querySelector('#said [value^="undo:"]')?.click(),
  "/": () => document.querySelector("[type=search]").focus(),
  "?": () => document.querySelector("#keys").showModal(),
};

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest(FIELDS)) return;
    const act = KEYS[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function move(step) {
  const all = rows();
  const at = all.indexOf(focusedRow());
  const row = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  row?.querySelector("a")?.focus();
}
