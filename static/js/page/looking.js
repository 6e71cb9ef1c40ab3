/* Which part of the stream is shown, what is done with one comment, and what is taken along. */

import { idOf } from "../view/comment.js";
import { takeAlong } from "../view/taking.js";
import { Acts } from "../form/acts.js";
import { Looking } from "../form/looking.js";
import { Reporting } from "../form/report.js";
import { byId } from "./ground.js";

export function looking(page) {
  page.looking = new Looking({
    bar: byId("chips"),
    finder: byId("finder"),
    said: byId("said"),
    soundChoice: byId("settings").querySelector("[name=sound]"),
    scroller: page.scroller,
    look: (shows, address) => page.notice.count([], page.session.look(shows, address)),
    draw: () => page.view.drawNow({ quietly: true }),
    reload: () => lookAnew(page),
    go: (id, isAlone) => page.place.go(id, isAlone),
    comeBack: (id) => page.travel.backTo(id),
    onSounds: (name) => page.sounds?.look(name),
  });
}

/** What the view shows goes at once, what it lacks is loaded. */
export function lookAnew({ notice, scroller, travel }) {
  notice.clear();
  travel.toNewestOfView();
  scroller.dataset.loading = "";
}

export function reporting(page) {
  page.reporting = new Reporting({
    dialog: byId("report"),
    list: page.list,
    send: (id, report) => page.session.api.report(id, report),
    announce: page.announce,
    focus: (id) => page.view.focus(id),
  });
}

export function acting({ list, session, looking, replying, reporting, keepPlace, focusForm, announce: say }) {
  const find = (item) => session.stream.find(idOf(item));
  new Acts({ list, template: byId("actions"), find, looking, replying, reporting, keepPlace, focusForm, say });
}

export function saving({ session }) {
  takeAlong(byId("finder").querySelector(".finder__line--scripted"), () => session.stream.comments);
}
