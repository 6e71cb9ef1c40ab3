/* The page, wired: the server's changes flow into the stream, the stream into the view; the form into the outbox, and
   that to the server. */

import { ServerClock } from "./state/clock.js";
import { speak, t } from "./state/language.js";
import { REFUSED } from "./state/outbox.js";
import { Own } from "./state/own.js";
import { showTimesAs } from "./state/times.js";
import { browser } from "./server/browser.js";
import { Session } from "./server/session.js";
import { keepAgesFresh, refreshAges } from "./view/ages.js";
import { AnnouncementView } from "./view/announcement.js";
import { Announcer } from "./view/announcer.js";
import { Clamp } from "./view/clamp.js";
import { idOf } from "./view/comment.js";
import { ConnectionView } from "./view/connection.js";
import { copyAsTranscript } from "./view/copying.js";
import { DayLine } from "./view/day.js";
import { History } from "./view/history.js";
import { Notice } from "./view/notice.js";
import { say } from "./view/parts.js";
import { Place } from "./view/place.js";
import { Quotes } from "./view/quotes.js";
import { ReadersView } from "./view/readers.js";
import { served } from "./view/served.js";
import { Sounds } from "./view/sounds.js";
import { takeAlong } from "./view/taking.js";
import { Travel } from "./view/travel.js";
import { Upgrade } from "./view/upgrade.js";
import { View } from "./view/view.js";
import { fitToKeyboard } from "./view/viewport.js";
import { Acts } from "./form/acts.js";
import { Composer } from "./form/composer.js";
import { Drafts } from "./form/drafts.js";
import { Identity } from "./form/identity.js";
import { Looking } from "./form/looking.js";
import { OutboxView } from "./form/outbox.js";
import { Pause } from "./form/pause.js";
import { Replying } from "./form/replying.js";
import { Reporting } from "./form/report.js";
import { Settings } from "./form/settings.js";
import { ofBrowser, ofTab, onOtherTabs } from "./form/storage.js";
import { Welcome } from "./form/welcome.js";

const byId = (id) => document.getElementById(id);
speak(JSON.parse(byId("phrases")?.content.textContent ?? "{}"), document.documentElement.lang);
const scroller = byId("stream");
const list = byId("comments");

const clock = new ServerClock(1000 * scroller.dataset.now || Date.now(), arrivedAt());
const now = () => clock.at(browser.now());
const pause = new Pause();
const announcement = new AnnouncementView({
  element: byId("announcement"),
  now,
  announce: (sentence) => composer?.announce(sentence),
  keepOnScreen: (change) => view.keepOnScreen(change),
});
const session = new Session({
  world: browser,
  box: ofBrowser,
  onLoaded: showAfresh,
  onChanges: showChanges,
  onAnnouncement: (announced) => announcement.show(announced),
  onOutbox: () => outboxView?.draw(),
  onRefused: (entry) => takeBack(entry),
  onPause: (milliseconds) => pause.begin(milliseconds),
  onEnvelope: ({ readers, build }) => {
    readersView.heard(readers);
    upgrade?.heard(build);
  },
  onConnection: () => connectionView.draw(),
  onDate: (date) => clock.set(Date.parse(date), browser.now()),
});
const { stream, outbox } = session;
const own = new Own(ofBrowser, (id) => outbox.isOwn(id));
const readersView = new ReadersView(byId("readers"));
const connectionView = new ConnectionView(byId("connection"), session.connection);
const view = new View({
  stream,
  scroller,
  list,
  template: byId("comment"),
  now,
  isOwn: (id) => own.has(id),
  onDraw: () => {
    drawOutbox();
    quotes.draw();
    clamp?.look();
  },
  onDrawn: onStreamShown,
  onEnd: () => travel.toNewest(),
});
const history = new History({
  stream,
  view,
  scroller,
  edge: byId("edge"),
  button: byId("older"),
  server: session.api,
  onLoaded: () => notice.look(),
});
const place = new Place({ stream, view, server: session.api, onMissing: sayMissing });
const notice = new Notice({ stream, view, scroller, pill: byId("pill"), onReturn: () => travel.toNewest() });
const travel = new Travel({ stream, view, place, loadAfresh: () => session.loadAfresh() });
const announcer = new Announcer({ element: byId("news"), button: byId("quiet") });
const keepPlace = (change) => view.keepPlace(change);
const quotes = new Quotes({ stream, scroller, server: session.api, keepPlace });
const replying = new Replying(byId("reply"), () => composer?.focus());
let looking = null;
let reporting = null;
let clamp = null;
let dayLine = null;
let outboxView = null;
let composer = null;
let welcome = null;
let settings = null;
let sounds = null;
let upgrade = null;

// Reading comes first: whatever fails beside it, new comments arrive.
attempt(() => {
  looking = new Looking({
    bar: byId("chips"),
    finder: byId("finder"),
    said: byId("said"),
    scroller,
    look: (shows, address) => notice.count([], session.look(shows, address)),
    draw: () => view.drawNow({ quietly: true }),
    reload: lookAnew,
    go: (id, isAlone) => place.go(id, isAlone),
    comeBack: (id) => travel.backTo(id),
  });
});
const begin = served(scroller, list);
session.start({ ...begin, announcement: announcement.served });
connectionView.draw();
attempt(() => looking?.begin(begin.view));
attempt(() => {
  reporting = new Reporting({
    dialog: byId("report"),
    list,
    send: (id, report) => session.api.report(id, report),
    announce: (sentence) => composer?.announce(sentence),
    focus: (id) => view.focus(id),
  });
});
attempt(() => {
  const form = { focusForm: () => composer?.focus(), say: (words) => composer?.announce(words) };
  const find = (item) => stream.find(idOf(item));
  new Acts({ list, template: byId("actions"), find, looking, replying, reporting, keepPlace, ...form });
});
attempt(() => takeAlong(byId("finder").querySelector(".finder__line--scripted"), () => stream.comments));
attempt(() => keepAgesFresh(list, now));
attempt(() => fitToKeyboard());
attempt(() => copyAsTranscript(scroller));
attempt(() => {
  dayLine = new DayLine({ element: byId("day"), scroller, view });
});
attempt(() => {
  clamp = new Clamp({ scroller, keepPlace });
});
attempt(() => {
  const identity = new Identity(byId("composer"));
  const drafts = new Drafts(browser.newId(), browser.locks);
  composer = new Composer({ form: byId("composer"), identity, drafts, pause, onSend: send });
  welcome = new Welcome(byId("welcome"), () => composer.focus());
});
attempt(() => {
  outboxView = new OutboxView({
    outbox,
    list: byId("outbox"),
    strip: byId("waiting"),
    commentTemplate: byId("comment"),
    fateTemplate: byId("fate"),
    pause,
    isShown: (id) => view.itemOf(id) !== undefined,
    trouble: () => session.trouble,
    keepPlace,
    now,
    onEdit: (id) => edit(id),
    onRetry: () => session.retry(),
    onRemoved: () => composer?.focus(),
  });
  outboxView.draw();
  onOtherTabs((key) => session.hear(key));
});

attempt(() => {
  sounds = new Sounds({ button: byId("mute"), now });
  settings = new Settings({ dialog: byId("settings"), opener: byId("open-settings"), onChange: set });
});
attempt(() => {
  upgrade = new Upgrade({ build: scroller.dataset.build, box: ofTab, isBusy });
});

// Reading

function showAfresh() {
  view.keepPlace(() => byId("newer")?.remove());
  view.drawNow({ quietly: true });
  travel.arrive();
}

function showChanges(fresh, changed) {
  const others = fresh.filter(({ id }) => !own.has(id));
  if (others.length > 0) clock.isAtLeast(others.at(-1).timestamp, browser.now());
  sounds?.came(others);
  quotes.heard(changed);
  sayLeftOut([...changed.values()]);
  notice.count(others, [...changed.keys()].filter((id) => !stream.has(id)));
  view.drawSoon({ quietly: !announcer.came(others), arriving: others });
}

function onStreamShown() {
  history.draw();
  history.look();
  notice.look();
  dayLine?.draw();
}

function sayMissing(isAlone) {
  say(byId("said"), t("The comment that this address names cannot be shown."));
  if (isAlone) lookAnew();
}

/** What the visitor has just sent may be what the visitor has chosen not to see. */
function sayLeftOut(changes) {
  const isLeftOut = ({ id, removed }) => !removed && outbox.find(id) !== null && !stream.has(id);
  if (changes.some(isLeftOut)) say(byId("said"), t("Your comment was sent. It is not among what is shown."));
}

function lookAnew() {
  notice.clear();
  travel.toNewestOfView();
}

/** What the stream shows now leaves the outbox, in the same frame. */
function drawOutbox() {
  session.release();
  outboxView?.drawInPlace();
}

// Writing

function send(comment) {
  notice.clear();
  welcome?.isOver();
  session.send({ ...comment, replyTo: replying.take() });
  travel.toNewest();
}

/** A refused comment goes back into the form, unless something else is being written there. */
function takeBack(entry) {
  if (composer?.isEmpty) edit(entry.id);
  else composer?.announce(t("A comment was refused: {reason}", { reason: entry.reason }));
}

function edit(id) {
  const entry = outbox.find(id);
  if (entry === null) return;
  const written = composer.takeBack(entry.text, entry.reason);
  replying.restore(entry.replyTo);
  outbox.drop(id);
  if (written.trim() !== "") setAside(written, entry);
  outboxView.draw();
  composer.focus();
}

/** What stood in the form waits in the place of the one that took it. */
function setAside(text, { username, color }) {
  const { id } = outbox.add({ text, username, color });
  outbox.set(id, { state: REFUSED, reason: t("Set aside while another is being edited.") });
}

// The page itself

function set({ time, sound, volume }) {
  showTimesAs(time);
  refreshAges(list, now());
  sounds.choose(sound, Number(volume));
}

/** Whether something would be lost, or move, if the page were loaded anew. */
function isBusy() {
  const isWriting = document.activeElement === byId("name") || !composer?.isEmpty || outbox.waiting.length > 0;
  return isWriting || settings?.isOpen || !view.isFollowing;
}

/** When the page had come from the server, by our clock. */
function arrivedAt() {
  return performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
}

function attempt(extra) {
  try {
    extra();
  } catch (error) {
    console.error(error);
  }
}
