/* What all of the page stands on: its elements, its language, and the server's time. */

import { ServerClock } from "../state/clock.js";
import { speak } from "../state/language.js";
import { browser } from "../server/browser.js";

export const byId = (id) => document.getElementById(id);

/** The parts of the page. Each role adds its own, and uses what others have added: by `?.` where it might be missing. */
export function ground() {
  speak(JSON.parse(byId("phrases")?.content.textContent ?? "{}"), document.documentElement.lang);
  const [scroller, list] = [byId("stream"), byId("comments")];
  const clock = new ServerClock(1000 * scroller.dataset.now || Date.now(), arrivedAt());
  const page = {
    scroller,
    list,
    clock,
    now: () => clock.at(browser.now()),
    keepPlace: (change) => page.view.keepPlace(change),
    announce: (sentence) => page.composer?.announce(sentence),
  };
  return page;
}

/** When the page had come from the server, by our clock. */
function arrivedAt() {
  return performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
}
