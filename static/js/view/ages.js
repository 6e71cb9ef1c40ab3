/* Ages that go on while the page is open. */

import { age } from "../state/times.js";

export const REFRESH_MS = 30_000;

export function keepAgesFresh(list) {
  setInterval(() => refreshAges(list), REFRESH_MS);
}

export function refreshAges(list, now = Date.now()) {
  for (const time of list.querySelectorAll("time")) {
    const told = age(Date.parse(time.dateTime), now);
    // The text node is changed, not replaced: a new node would be read out as an addition to the log.
    if (time.firstChild.data !== told) time.firstChild.data = told;
  }
}
