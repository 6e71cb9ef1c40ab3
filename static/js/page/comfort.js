/* What makes the page pleasant, and without which it works as well. */

import { showTimesAs } from "../state/times.js";
import { keepAgesFresh, refreshAges } from "../view/ages.js";
import { Clamp } from "../view/clamp.js";
import { copyAsTranscript } from "../view/copying.js";
import { DayLine } from "../view/day.js";
import { Sounds } from "../view/sounds.js";
import { Upgrade } from "../view/upgrade.js";
import { fitToKeyboard } from "../view/viewport.js";
import { Settings } from "../form/settings.js";
import { ofTab } from "../form/storage.js";
import { byId } from "./ground.js";

export function ages({ list, now }) {
  keepAgesFresh(list, now);
}

export function keyboard() {
  fitToKeyboard();
}

export function copying({ scroller }) {
  copyAsTranscript(scroller);
}

export function days(page) {
  page.day = new DayLine({ element: byId("day"), scroller: page.scroller, view: page.view });
}

export function clamping(page) {
  page.clamp = new Clamp({ scroller: page.scroller, keepPlace: page.keepPlace });
}

export function settings(page) {
  page.sounds = new Sounds({ button: byId("mute"), now: page.now, chips: page.looking?.sounds });
  const onChange = (values) => set(page, values);
  page.settings = new Settings({ dialog: byId("settings"), opener: byId("open-settings"), onChange });
}

export function upgrading(page) {
  page.upgrade = new Upgrade({ build: page.scroller.dataset.build, box: ofTab, isBusy: () => isBusy(page) });
}

function set({ list, now, sounds }, { time, sound, volume }) {
  showTimesAs(time);
  refreshAges(list, now());
  sounds.choose(sound, Number(volume));
}

/** Whether something would be lost, or move, if the page were loaded anew. */
function isBusy({ composer, session: { outbox }, settings, view }) {
  const isWriting = document.activeElement === byId("name") || !composer?.isEmpty || outbox.waiting.length > 0;
  return isWriting || settings?.isOpen || !view.isFollowing;
}
