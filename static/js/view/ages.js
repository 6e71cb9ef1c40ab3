/* Ages that go on while the page is open. */

import { age } from "../state/times.js";

export const REFRESH_MS = 30_000;

/** `now()` as the server has it. */
export function keepAgesFresh(list, now) {
  setInterval(() => refreshAges(list, now()), REFRESH_MS);
  document.addEventListener("visibilitychange", () => refreshAges(list, now()));
}

export function refreshAges(list, now) {
  for (const time of list.querySelectorAll("time")) {
    const told = age(Date.parse(time.dateTime), now);
    // The text node is changed, not replaced: a new node would be read out as an addition to the log.
    if (time.firstChild.data !== told) time.firstChild.data = told;
  }
}
