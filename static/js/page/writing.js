/* The form, and what was sent from it until the server has it. */

import { t } from "../state/language.js";
import { REFUSED } from "../state/outbox.js";
import { browser } from "../server/browser.js";
import { Composer } from "../form/composer.js";
import { Drafts } from "../form/drafts.js";
import { Identity } from "../form/identity.js";
import { OutboxView } from "../form/outbox.js";
import { Pause } from "../form/pause.js";
import { Replying } from "../form/replying.js";
import { onOtherTabs } from "../form/storage.js";
import { Welcome } from "../form/welcome.js";
import { byId } from "./ground.js";

export function beforeWriting(page) {
  page.pause = new Pause();
  page.focusForm = () => page.composer?.focus();
  page.drafts = new Drafts(browser.newId(), browser.locks);
  page.replying = new Replying(byId("reply"), page.drafts, page.focusForm);
}

export function writing(page) {
  const { drafts, pause } = page;
  const identity = new Identity(byId("composer"));
  const onSend = (comment) => send(page, comment);
  page.composer = new Composer({ form: byId("composer"), identity, drafts, pause, onSend });
  page.welcome = new Welcome(byId("welcome"), page.focusForm);
  takeUp(page);
}

/** What a tab that is no longer there has left. */
async function takeUp({ drafts, composer, replying }) {
  const left = await drafts.takeUp();
  if (left === null) return;
  composer.fill(left.text);
  replying.restore(left.replyTo);
}

export function sending(page) {
  const { session, view, pause, keepPlace, now } = page;
  page.outboxView = new OutboxView({
    outbox: session.outbox,
    list: byId("outbox"),
    strip: byId("waiting"),
    commentTemplate: byId("comment"),
    fateTemplate: byId("fate"),
    pause,
    isShown: (id) => view.itemOf(id) !== undefined,
    trouble: () => session.trouble,
    keepPlace,
    now,
    onEdit: (id) => edit(page, id),
    onRetry: () => session.retry(),
    onRemoved: page.focusForm,
  });
  page.outboxView.draw();
  onOtherTabs((key) => session.hear(key));
}

function send({ notice, welcome, session, replying, travel }, comment) {
  notice.clear();
  welcome?.isOver();
  session.send({ ...comment, replyTo: replying.take() });
  travel.toNewest();
}

/** A refused comment goes back into the form, unless something else is being written there. */
export function takeBack(page, entry) {
  if (page.composer?.isEmpty) edit(page, entry.id);
  else page.announce(t("A comment was refused: {reason}", { reason: entry.reason }));
}

function edit({ session: { outbox }, composer, replying, outboxView }, id) {
  const entry = outbox.find(id);
  if (entry === null) return;
  const written = { text: composer.takeBack(entry.text, entry.reason), replyTo: replying.take() };
  replying.restore(entry.replyTo);
  outbox.drop(id);
  if (written.text.trim() !== "") setAside(outbox, written, entry);
  outboxView.draw();
  composer.focus();
}

/** What stood in the form waits in the place of the one that took it. */
function setAside(outbox, written, { username, color }) {
  const { id } = outbox.add({ ...written, username, color });
  outbox.set(id, { state: REFUSED, reason: t("Set aside while another is being edited.") });
}
