/* The form: Enter sends, Shift+Enter begins a new line, what is too long may be edited and is never cut. */

import { LONGEST_NAME } from "./identity.js";
import { newId } from "./outbox.js";
import { ofTab } from "./storage.js";

const LONGEST_TEXT = 1000; // code points, as the API counts
const COUNT_FROM = 100; // so many left
const KEY = "draft";
const IME_KEY_CODE = 229;

export class Composer {
  #form;
  #text;
  #name;
  #sendButton;
  #count;
  #problem;
  #announcer;
  #identity;
  #onSend;
  #pause;
  #id = null; // of a text that may have been sent already

  /** `onSend(comment)` takes over what is to be sent. */
  constructor({ form, identity, pause, onSend }) {
    const part = (id) => form.querySelector(`#${id}`);
    this.#form = form;
    this.#text = part("text");
    this.#name = part("name");
    this.#sendButton = part("send");
    this.#count = part("count");
    this.#problem = part("problem");
    this.#announcer = part("announcer");
    this.#identity = identity;
    this.#pause = pause;
    this.#onSend = onSend;
    this.#listen();
    this.#restore();
  }

  /** Keep in this tab what a reload would lose: what is being written, or else what did not arrive. */
  keepDraft(unsent = []) {
    const written = { text: this.#text.value, id: this.#id };
    const lost = { text: unsent.map(({ text }) => text).join("\n"), id: unsent.length === 1 ? unsent[0].id : null };
    ofTab.write(KEY, written.text === "" ? lost : written);
  }

  /** Drop a restored draft that had arrived after all. */
  forget(hasArrived) {
    if (this.#id === null || !hasArrived(this.#id)) return;
    this.#text.value = "";
    this.#id = null;
    this.#draw();
    this.keepDraft();
  }

  #listen() {
    this.#form.noValidate = true;
    this.#form.addEventListener("submit", (event) => this.#onSubmit(event));
    this.#text.addEventListener("keydown", (event) => this.#onKey(event));
    this.#text.addEventListener("input", () => this.#onInput());
    this.#name.addEventListener("input", () => this.#say(""));
    // The text field keeps the focus, and a phone its keyboard.
    this.#sendButton.addEventListener("mousedown", (event) => event.preventDefault());
    this.#pause.onTick((seconds) => this.#drawPause(seconds));
  }

  #onKey(event) {
    const isComposing = event.isComposing || event.keyCode === IME_KEY_CODE;
    const isModified = event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
    if (event.key !== "Enter" || isComposing || isModified) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #onInput() {
    this.#id = null;
    this.#say("");
    this.#draw();
    this.keepDraft();
  }

  #onSubmit(event) {
    event.preventDefault();
    const text = this.#text.value.trimEnd();
    if (text.trim() === "") this.#text.focus();
    else if (this.#pause.secondsLeft > 0) this.#announce(`You can send again in ${this.#pause.secondsLeft} seconds.`);
    else if (this.#isSendable(text)) this.#send(text);
  }

  #isSendable(text) {
    const [problem, field] = this.#problemWith(text, this.#identity.username);
    this.#say(problem);
    field?.focus();
    return problem === "";
  }

  #problemWith(text, username) {
    const over = lengthOf(text) - LONGEST_TEXT;
    if (over > 0) return [`That is ${over} characters too long. Nothing is cut: shorten it and send again.`, this.#text];
    if (username === "") return ["Choose a name first.", this.#name];
    if (lengthOf(username) > LONGEST_NAME) return [`Names have at most ${LONGEST_NAME} characters.`, this.#name];
    return ["", null];
  }

  #send(text) {
    const { username, color } = this.#identity;
    const comment = { id: this.#id ?? newId(), text, username, color };
    this.#text.value = "";
    this.#id = null;
    this.#draw();
    this.#text.focus();
    this.#onSend(comment);
  }

  #restore() {
    const { text, id } = ofTab.read(KEY);
    if (typeof text === "string" && this.#text.value === "") {
      this.#text.value = text;
      this.#id = id;
    }
    this.#draw();
  }

  #say(problem) {
    if (this.#problem.textContent !== problem) this.#problem.textContent = problem;
  }

  #announce(sentence) {
    this.#announcer.textContent = sentence;
  }

  #draw() {
    this.#drawCount(LONGEST_TEXT - lengthOf(this.#text.value.trimEnd()));
    if (CSS.supports("field-sizing", "content")) return;
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #drawCount(left) {
    const wasShown = this.#count.textContent !== "";
    const wasOver = "over" in this.#count.dataset;
    const isShown = left <= COUNT_FROM;
    this.#count.textContent = isShown ? String(left) : "";
    this.#count.toggleAttribute("data-over", left < 0);
    // Once on the way, once at the limit; a number at each key would be a nuisance to listen to.
    if (left < 0 && !wasOver) this.#announce("The comment is too long.");
    else if (isShown && !wasShown) this.#announce(`${left} characters left.`);
  }

  #drawPause(seconds) {
    this.#sendButton.setAttribute("aria-disabled", String(seconds > 0));
    this.#sendButton.dataset.wait = seconds > 0 ? `${seconds} s` : "";
  }
}

/** In code points. */
function lengthOf(text) {
  return [...text].length;
}
