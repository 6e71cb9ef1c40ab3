/* The page, wired: the server's changes flow into the stream, the stream into the view. */

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { History } from "./history.js";
import { Identity } from "./identity.js";
import { Notice } from "./notice.js";
import { Outbox } from "./outbox.js";
import { Pause } from "./pause.js";
import { Poller } from "./poller.js";
import { Stream } from "./stream.js";
import { keepAgesFresh } from "./time.js";
import { View } from "./view.js";
import { fitToKeyboard } from "./viewport.js";

const byId = (id) => document.getElementById(id);
const scroller = byId("stream");
const list = byId("comments");

const stream = new Stream();
const view = new View({ stream, scroller, list, template: byId("comment") });
const history = new History({ stream, view, scroller, edge: byId("edge") });
const notice = new Notice({ stream, view, scroller, pill: byId("pill"), onReturn: returnToNewest });
const connection = new Connection(byId("connection"));
const poller = new Poller(askServer, (error) => connection.report(error));
const pause = new Pause();
const outbox = new Outbox({
  list: byId("outbox"),
  commentTemplate: byId("comment"),
  fateTemplate: byId("fate"),
  pause,
  post: api.post,
  keepPlace: (change) => view.keepPlace(change),
  onChange: () => composer.keepDraft(outbox.unsent),
  onSent: () => poller.askAfresh(),
});
let composer = null;
let isReturning = false; // to the newest comment, once it has been loaded

// Reading comes first: whatever fails below it, new comments arrive.
poller.start();
attempt(() => keepAgesFresh(list));
attempt(() => fitToKeyboard());
attempt(() => {
  const identity = new Identity({ name: byId("name"), color: byId("color"), swatch: byId("swatch") });
  composer = new Composer({ form: byId("composer"), identity, pause, onSend: send });
});

function askServer() {
  return stream.cursor === null ? loadAfresh() : followChanges();
}

async function loadAfresh() {
  const page = await api.newest();
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
  composer?.forget((id) => stream.has(id));
  onStreamShown();
  return 0;
}

async function followChanges() {
  const { cursor } = stream;
  const answer = await api.changes(cursor).catch(forgetBadCursor);
  if (stream.cursor !== cursor) return 0; // given up while the answer was on its way
  const isNews = answer.changes.some((change) => !outbox.isOwn(change?.id));
  if (answer.changes.length > 0) view.update(() => takeIn(answer), { quietly: !isNews });
  else stream.cursor = answer.cursor;
  onStreamShown();
  return answer.hasMore ? 0 : answer.pollAfterMs;
}

function takeIn(answer) {
  const wasReading = notice.isReading;
  const fresh = stream.apply(answer);
  const changed = new Set(answer.changes.map((change) => change?.id));
  outbox.release((id) => changed.has(id));
  notice.count(fresh.filter(({ id }) => !outbox.isOwn(id)), wasReading);
}

/** The server does not know our cursor, or no longer: the only way on is to load afresh, after the usual wait. */
function forgetBadCursor(error) {
  if (error.status === 410 || error.status === 422) stream.cursor = null;
  throw error;
}

function onStreamShown() {
  history.draw();
  history.look();
  notice.look();
}

function send(comment) {
  view.firstFresh = null;
  outbox.add(comment);
  composer.keepDraft(outbox.unsent);
  returnToNewest();
}

function returnToNewest() {
  view.goToEnd();
  if (stream.atNewest) return;
  // The window had let the newest comments go; begin with them anew.
  isReturning = true;
  stream.cursor = null;
  poller.askAfresh();
}

function attempt(extra) {
  try {
    extra();
  } catch (error) {
    console.error(error);
  }
}
