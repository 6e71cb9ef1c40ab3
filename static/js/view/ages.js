/* Ages that go on while the page is open, and days that become yesterday. */

import { age, day } from "../state/times.js";

export const REFRESH_MS = 30_000;

const told = new WeakMap(); // <time> → the age that it was given

/** `now()` as the server has it. */
export function keepAgesFresh(list, now) {
  setInterval(() => refreshAges(list, now()), REFRESH_MS);
  document.addEventListener("visibilitychange", () => refreshAges(list, now()));
}

export function refreshAges(list, now) {
  for (const time of list.querySelectorAll(".comment__time")) {
    const text = textIn(time);
    const fresh = age(Date.parse(time.dateTime), now);
    // The text node is changed, not replaced: a new node would be read out as an addition to the log.
    if ((told.get(time) ?? text.data) !== fresh) text.data = fresh;
    told.set(time, fresh);
  }
  for (const { dataset } of list.querySelectorAll("[data-day]")) dataset.day = day(Number(dataset.timestamp), now);
}

/** Browsers that translate a page put elements of theirs around its texts. */
function textIn(time) {
  const text = document.createTreeWalker(time, NodeFilter.SHOW_TEXT).nextNode();
  return text ?? time.appendChild(document.createTextNode(""));
}
