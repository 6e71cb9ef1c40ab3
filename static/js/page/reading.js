/* The server's changes flow into the stream, the stream into the view; and the reader is led through it. */

import { t } from "../state/language.js";
import { Own } from "../state/own.js";
import { browser } from "../server/browser.js";
import { Session } from "../server/session.js";
import { AnnouncementView } from "../view/announcement.js";
import { Announcer } from "../view/announcer.js";
import { ConnectionView } from "../view/connection.js";
import { History } from "../view/history.js";
import { Notice } from "../view/notice.js";
import { say } from "../view/parts.js";
import { Place } from "../view/place.js";
import { Quotes } from "../view/quotes.js";
import { ReadersView } from "../view/readers.js";
import { served } from "../view/served.js";
import { Travel } from "../view/travel.js";
import { View } from "../view/view.js";
import { ofBrowser } from "../form/storage.js";
import { byId } from "./ground.js";
import { lookAnew } from "./looking.js";
import { takeBack } from "./writing.js";

export function reading(page) {
  page.announcement = new AnnouncementView({
    element: byId("announcement"),
    now: page.now,
    announce: page.announce,
    keepOnScreen: (change) => page.view.keepOnScreen(change),
  });
  page.session = newSession(page);
  page.own = new Own(ofBrowser, (id) => page.session.outbox.isOwn(id));
  page.readers = new ReadersView(byId("readers"));
  page.connection = new ConnectionView(byId("connection"), page.session.connection);
  page.announcer = new Announcer({ element: byId("news"), button: byId("quiet") });
  page.view = newView(page);
  leading(page);
}

/** What stands in the page already is where the stream begins. */
export function begin(page) {
  const start = served(page.scroller, page.list);
  page.session.start({ ...start, announcement: page.announcement.served });
  page.connection.draw();
  page.looking?.begin(start.view);
  delete document.documentElement.dataset.choosing; // early.js
}

function newSession(page) {
  return new Session({
    world: browser,
    box: ofBrowser,
    onLoaded: () => showAfresh(page),
    onChanges: (fresh, changed) => showChanges(page, fresh, changed),
    onLeftOut: sayLeftOut,
    onAnnouncement: (announced) => page.announcement.show(announced),
    onOutbox: () => page.outboxView?.draw(),
    onRefused: (entry) => takeBack(page, entry),
    onPause: (milliseconds) => page.pause?.begin(milliseconds),
    onEnvelope: ({ readers, build }) => {
      page.readers.heard(readers);
      page.upgrade?.heard(build);
    },
    onConnection: () => page.connection.draw(),
    onDate: (date) => page.clock.set(Date.parse(date), browser.now()),
  });
}

function newView(page) {
  return new View({
    stream: page.session.stream,
    scroller: page.scroller,
    list: page.list,
    template: byId("comment"),
    now: page.now,
    isOwn: (id) => page.own.has(id),
    onDraw: () => drawBeside(page),
    onDrawn: () => onShown(page),
    onEnd: () => page.travel.toNewest(),
  });
}

/** Back in time, to one comment, to what is new, to what was answered. */
function leading(page) {
  const { view, scroller, session } = page;
  const { stream, api: server } = session;
  const button = byId("older");
  page.history = new History({ stream, view, scroller, edge: byId("edge"), button, server, onLoaded: () => page.notice.look() });
  page.place = new Place({ stream, view, server, onMissing: (isAlone, why) => sayMissing(page, isAlone, why) });
  page.notice = new Notice({ stream, view, scroller, pill: byId("pill"), onReturn: () => page.travel.toNewest() });
  page.travel = new Travel({ stream, view, place: page.place, loadAfresh: () => session.loadAfresh() });
  page.quotes = new Quotes({ stream, scroller, server, keepPlace: page.keepPlace });
  lookWhenResized(page);
}

/** A larger window and smaller letters make room, and nobody scrolls for that. After the observer of the reader's place. */
function lookWhenResized(page) {
  const resizing = new ResizeObserver(() => lookAround(page));
  resizing.observe(page.scroller);
  resizing.observe(page.list);
}

function showAfresh({ view, travel, quotes }) {
  quotes.doubt();
  view.keepPlace(() => byId("newer")?.remove());
  view.drawNow({ quietly: true });
  travel.arrive();
}

/** The drawing, which is due in the next frame, comes first: whatever fails beside it, what has come is seen. */
function showChanges(page, fresh, changed) {
  const { stream } = page.session;
  const others = fresh.filter(({ id }) => !page.own.has(id));
  page.view.drawSoon({ quietly: !page.announcer.came(others), arriving: others });
  if (others.length > 0) page.clock.isAtLeast(others.at(-1).timestamp, browser.now());
  page.notice.count(others, [...changed.keys()].filter((id) => !stream.has(id)));
  page.quotes.heard(changed);
  if (hasLeftOut(page, [...changed.values()])) sayLeftOut();
  page.sounds?.came(others);
}

/** What the stream shows now leaves the outbox, in the same frame. */
function drawBeside(page) {
  page.session.release();
  page.outboxView?.drawInPlace();
  page.quotes.draw();
  page.clamp?.look();
}

function onShown(page) {
  if (page.session.stream.cursor !== null) delete page.scroller.dataset.loading;
  page.history.draw();
  lookAround(page);
}

/** Other comments are in view, or there is room for more. */
function lookAround({ history, notice, day }) {
  history.look();
  notice.look();
  day?.draw();
}

function sayMissing(page, isAlone, why) {
  say(byId("said"), why || t("The comment that this address names cannot be shown."));
  if (isAlone) lookAnew(page);
}

/** What the visitor has just sent may be what the visitor has chosen not to see. */
function hasLeftOut({ session: { outbox, stream } }, changes) {
  return changes.some(({ id, removed }) => !removed && outbox.find(id) !== null && !stream.has(id));
}

function sayLeftOut() {
  say(byId("said"), t("Your comment was sent. It is not among what is shown."));
}
