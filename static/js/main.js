/* The page, wired: the server's changes flow into the stream, the stream into the view. */

import { Stream } from "./state/stream.js";
import * as api from "./server/api.js";
import { Subscription } from "./server/subscription.js";
import { keepAgesFresh } from "./view/ages.js";
import { Connection } from "./view/connection.js";
import { History } from "./view/history.js";
import { Notice } from "./view/notice.js";
import { View } from "./view/view.js";
import { fitToKeyboard } from "./view/viewport.js";
import { Composer } from "./form/composer.js";
import { Identity } from "./form/identity.js";
import { Outbox } from "./form/outbox.js";
import { Pause } from "./form/pause.js";

const byId = (id) => document.getElementById(id);
const scroller = byId("stream");
const list = byId("comments");

const stream = new Stream();
const view = new View({ stream, scroller, list, template: byId("comment") });
const history = new History({ stream, view, scroller, edge: byId("edge"), server: api, onLoaded: () => notice.look() });
const notice = new Notice({ stream, view, scroller, pill: byId("pill"), onReturn: returnToNewest });
const connection = new Connection(byId("connection"));
const subscription = new Subscription({
  page: {
    get cursor() {
      return stream.cursor;
    },
    load: loadAfresh,
    take: followChanges,
    forget: () => (stream.cursor = null),
  },
  report: (error) => connection.report(error),
});
const pause = new Pause();
const outbox = new Outbox({
  list: byId("outbox"),
  commentTemplate: byId("comment"),
  fateTemplate: byId("fate"),
  pause,
  post: api.post,
  keepPlace: (change) => view.keepPlace(change),
  onChange: () => composer.keepDraft(outbox.unsent),
  onSent: () => subscription.askAfresh(),
});
let composer = null;
let isReturning = false; // to the newest comment, once it has been loaded

// Reading comes first: whatever fails below it, new comments arrive.
subscription.start();
attempt(() => keepAgesFresh(list));
attempt(() => fitToKeyboard());
attempt(() => {
  const identity = new Identity({ name: byId("name"), color: byId("color"), swatch: byId("swatch") });
  composer = new Composer({ form: byId("composer"), identity, pause, onSend: send });
});

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
}

function followChanges(answer) {
  const isNews = answer.changes.some((change) => !outbox.isOwn(change?.id));
  if (answer.changes.length > 0) view.update(() => takeIn(answer), { quietly: !isNews });
  else stream.cursor = answer.cursor;
  onStreamShown();
}

function takeIn(answer) {
  const wasReading = notice.isReading;
  const fresh = stream.apply(answer);
  const changed = new Set(answer.changes.map((change) => change?.id));
  outbox.release((id) => changed.has(id));
  notice.count(fresh.filter(({ id }) => !outbox.isOwn(id)), wasReading);
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
  subscription.askAfresh();
}

function attempt(extra) {
  try {
    extra();
  } catch (error) {
    console.error(error);
  }
}
