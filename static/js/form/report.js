/* Reporting a comment, in two steps: the button of the comment's bar opens the dialog, and that sends. The focus comes back
   to where it was. Without a script a link at the comment leads to a page for it; here that says what has been reported. */

import { said, t } from "../state/language.js";
import { idOf } from "../view/comment.js";

const LINK = ".comment__report";
const BUTTON = "[data-act=report]";

export class Reporting {
  #dialog;
  #send;
  #announce;
  #focus;
  #item = null; // what is being reported
  #reported = new Set(); // ids

  /** `send(id, { reason, note })` tells the server, and fails with an ApiError; `announce` says it to those who listen;
      `focus(id)` gives the focus to a comment. */
  constructor({ dialog, list, send, announce, focus }) {
    this.#dialog = dialog;
    this.#send = send;
    this.#announce = announce;
    this.#focus = focus;
    list.addEventListener("click", (event) => this.#onClick(event));
    this.#part("#report-cancel").addEventListener("click", () => dialog.close());
    this.#part("form").addEventListener("submit", (event) => this.#onSubmit(event));
    dialog.addEventListener("close", () => this.#onClose());
  }

  /** Ask about the comment of this item; unless it has been reported from here. */
  open(item) {
    if (this.#reported.has(idOf(item))) return this.#isDone(item);
    const words = (name) => item.querySelector(`.comment__${name}`).textContent;
    this.#item = item;
    this.#part("form").reset();
    this.#part(".report__name").textContent = words("name");
    this.#part(".report__text").textContent = words("text");
    this.#say("");
    this.#dialog.showModal();
    this.#dialog.scrollTop = 0;
  }

  #part(selector) {
    return this.#dialog.querySelector(selector);
  }

  #onClick(event) {
    const link = event.target.closest(LINK);
    const isForBrowser = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (link === null || isForBrowser) return;
    event.preventDefault();
    this.open(link.closest(".comment"));
  }

  async #onSubmit(event) {
    event.preventDefault();
    if (this.#isSending) return;
    const { reason, note } = Object.fromEntries(new FormData(event.target));
    const item = this.#item;
    this.#isSending = true;
    this.#say("");
    try {
      await this.#send(idOf(item), { reason, note });
      this.#isDone(item);
    } catch (error) {
      this.#failed(item, error);
    }
    this.#isSending = false;
  }

  get #isSending() {
    return this.#part(".report__send").getAttribute("aria-disabled") === "true";
  }

  set #isSending(is) {
    this.#part(".report__send").setAttribute("aria-disabled", String(is));
  }

  #isDone(item) {
    this.#reported.add(idOf(item));
    item.querySelector(LINK).textContent = t("Reported");
    item.classList.add("comment--reported");
    if (this.#item === item) this.#dialog.close();
    this.#announce(t("Reported. The moderators will see it."));
  }

  /** What was written stays, so that it can be sent again; unless the dialog is about another comment by now. */
  #failed(item, { sentence }) {
    if (this.#item === item) this.#say(said(sentence));
    else this.#announce(t("Not reported: {reason}", { reason: said(sentence) }));
  }

  #say(problem) {
    this.#part("#report-problem").textContent = problem;
  }

  /** The bar of the comment has gone with the focus; it is there again with it. If the comment has gone meanwhile, the
      stream finds somebody else to have the focus. */
  #onClose() {
    const item = this.#item;
    this.#item = null;
    this.#focus(idOf(item));
    item.querySelector(BUTTON)?.focus({ preventScroll: true });
  }
}
