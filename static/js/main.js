/* The page, wired: the server's changes flow into the stream, the stream into the view; the form into the outbox, and
   that to the server. */

import { ServerClock } from "./state/clock.js";
import { Connection } from "./state/connection.js";
import { Outbox, REFUSED } from "./state/outbox.js";
import { Stream } from "./state/stream.js";
import { Api } from "./server/api.js";
import { browser } from "./server/browser.js";
import { Sender } from "./server/sender.js";
import { Subscription } from "./server/subscription.js";
import { keepAgesFresh } from "./view/ages.js";
import { ConnectionView } from "./view/connection.js";
import { History } from "./view/history.js";
import { Notice } from "./view/notice.js";
import { View } from "./view/view.js";
import { fitToKeyboard } from "./view/viewport.js";
import { Composer } from "./form/composer.js";
import { Drafts } from "./form/drafts.js";
import { Identity } from "./form/identity.js";
import { OutboxView } from "./form/outbox.js";
import { Pause } from "./form/pause.js";
import { ofBrowser, onOtherTabs } from "./form/storage.js";

const byId = (id) => document.getElementById(id);
const scroller = byId("stream");
const list = byId("comments");

const clock = new ServerClock(1000 * scroller.dataset.now || Date.now(), arrivedAt());
const now = () => clock.at(browser.now());
const api = new Api(browser, (date) => date && clock.set(Date.parse(date), browser.now()));
const connection = new Connection();
const connectionView = new ConnectionView(byId("connection"), connection);
const stream = new Stream();
const view = new View({
  stream,
  scroller,
  list,
  template: byId("comment"),
  now,
  onDraw: () => drawOutbox(),
  onDrawn: onStreamShown,
});
const history = new History({ stream, view, scroller, edge: byId("edge"), server: api, onLoaded: () => notice.look() });
const notice = new Notice({ stream, view, scroller, pill: byId("pill"), onReturn: returnToNewest });
const subscription = new Subscription({
  world: browser,
  api,
  connection,
  page: {
    get cursor() {
      return stream.cursor;
    },
    load: loadAfresh,
    take: followChanges,
    forget: () => (stream.cursor = null),
  },
  onConnection: () => onConnection(),
  onLead: () => sender.flush(),
  onSleep: () => api.time(),
});
const pause = new Pause();
const outbox = new Outbox(ofBrowser, browser.newId);
const sender = new Sender({
  world: browser,
  api,
  outbox,
  isResponsible: () => subscription.isLeader,
  onChange: () => outboxView?.draw(),
  onStored: () => subscription.askAfresh(),
  onRefused: (entry) => takeBack(entry),
  onPause: (milliseconds) => pause.begin(milliseconds),
  onHeard: (error) => onAnswer(error),
});
let outboxView = null;
let composer = null;
const arrived = new Map(); // changes that the next frame shows: id → change
let hadFailed = false; // the connection
let isReturning = false; // to the newest comment, once it has been loaded

// Reading comes first: whatever fails below it, new comments arrive.
subscription.start();
connectionView.draw();
browser.onEvent((name) => name === "online" && sender.flush());
attempt(() => keepAgesFresh(list, now));
attempt(() => fitToKeyboard());
attempt(() => {
  const identity = new Identity({ name: byId("name"), color: byId("color"), swatch: byId("swatch") });
  const drafts = new Drafts(browser.newId(), browser.locks);
  composer = new Composer({ form: byId("composer"), identity, drafts, pause, onSend: send });
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
    trouble: () => sender.trouble,
    keepPlace: (change) => view.keepPlace(change),
    now,
    onEdit: (id) => edit(id),
    onRetry: () => sender.flush(),
    onRemoved: () => composer?.focus(),
  });
  outboxView.draw();
  onOtherTabs(onOtherTab);
});

// Reading

async function loadAfresh() {
  const page = await api.newest();
  connection.heard(browser.now());
  byId("newer")?.remove();
  view.update(
    () => {
      stream.load(page);
      outbox.release((id) => stream.has(id));
      outbox.releaseSent();
    },
    { quietly: true },
  );
  if (isReturning) view.goToEnd();
  isReturning = false;
  sender.askAboutHeld();
}

function followChanges(answer) {
  const fresh = stream.apply(answer);
  if (answer.changes.length === 0) return;
  const changed = new Map(answer.changes.map((change) => [change?.id, change]));
  changed.forEach((change, id) => arrived.set(id, change));
  const others = fresh.filter(({ id }) => !outbox.isOwn(id));
  if (others.length > 0) clock.isAtLeast(others.at(-1).timestamp, browser.now());
  notice.count(others, [...changed.keys()].filter((id) => !stream.has(id) && changed.get(id)?.removed));
  view.drawSoon({ quietly: [...changed.keys()].every((id) => outbox.isOwn(id)) });
}

function onStreamShown() {
  history.draw();
  history.look();
  notice.look();
}

function onConnection() {
  connectionView.draw();
  if (hadFailed && !connection.hasFailed) sender.flush();
  hadFailed = connection.hasFailed;
}

/** What the stream shows now leaves the outbox, in the same frame. */
function drawOutbox() {
  outbox.release(
    (id) => arrived.has(id),
    (id) => arrived.get(id)?.removed === true,
  );
  arrived.clear();
  outboxView?.drawInPlace();
}

// Writing

function send(comment) {
  notice.clear();
  sender.send(comment);
  returnToNewest();
}

function onAnswer(error) {
  if (error === null) connection.heard(browser.now());
  else if (error.status === 0 || error.status >= 500) connection.failed();
  connectionView.draw();
}

/** A refused comment goes back into the form, unless something else is being written there. */
function takeBack(entry) {
  if (composer?.isEmpty) edit(entry.id);
  else composer?.announce(`A comment was refused: ${entry.reason}`);
}

function edit(id) {
  const entry = outbox.find(id);
  if (entry === null) return;
  const written = composer.takeBack(entry.text, entry.reason);
  outbox.drop(id);
  if (written.trim() !== "") setAside(written, entry);
  outboxView.draw();
  composer.focus();
}

/** What stood in the form waits in the place of the one that took it. */
function setAside(text, { username, color }) {
  const { id } = outbox.add({ text, username, color });
  outbox.set(id, { state: REFUSED, reason: "Set aside while another is being edited." });
}

function onOtherTab(key) {
  if (key !== null && !Outbox.keeps(key)) return;
  outboxView?.draw();
  sender.flush();
}

function returnToNewest() {
  view.goToEnd();
  if (stream.atNewest) return;
  // The window had let the newest comments go; begin with them anew.
  isReturning = true;
  stream.cursor = null;
  subscription.askAfresh();
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
