/* Reporting a comment, in two steps: what is pressed at the comment opens the dialog, and that sends. The focus comes
   back to where it was. Without a script a link leads to a page of its own; with one, it says what has been reported. */

import { said, t } from "../state/language.js";
import { idOf } from "../view/comment.js";

export class Reporting {
  #dialog;
  #send;
  #announce;
  #focus;
  #item = null; // what is being reported
  #reported = new Set(); // ids

  /** `send(id, { reason, note })` tells the server, and fails with an ApiError; `announce` says it to those who listen;
      `focus(id)` is for when what was pressed has gone. */
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

  #part(selector) {
    return this.#dialog.querySelector(selector);
  }

  #onClick(event) {
    const link = event.target.closest(".comment__report");
    const isForBrowser = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (link === null || isForBrowser) return;
    event.preventDefault();
    this.begin(link.closest(".comment"));
  }

  begin(item) {
    if (this.#reported.has(idOf(item))) this.#isDone(item);
    else this.#open(item);
  }

  #open(item) {
    const words = (name) => item.querySelector(`.comment__${name}`).textContent;
    this.#item = item;
    this.#part("form").reset();
    this.#part(".report__name").textContent = words("name");
    this.#part(".report__text").textContent = words("text");
    this.#say("");
    this.#dialog.showModal();
    this.#part(":checked").focus(); // the browser would take the first, which is another reason
    this.#dialog.scrollTop = 0;
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
    item.querySelector(".comment__report").ariaLabel = t("Reported");
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

  /** The bar of actions has gone with the focus, so the comment gets it; or, if that has gone, another. */
  #onClose() {
    const item = this.#item;
    this.#item = null;
    if (!item.contains(document.activeElement)) this.#focus(idOf(item));
  }
}
