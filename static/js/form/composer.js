/* The form: Enter sends, Shift+Enter begins a new line, what is too long may be edited and is never cut. */

import { counted, t } from "../state/language.js";
import { sizesOf } from "../state/graphemes.js";
import { LONGEST_NAME, LONGEST_TEXT, cleanText, lengthOf } from "../state/words.js";

const COUNT_FROM = 100; // so many left
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
  #drafts;
  #onSend;
  #pause;

  /** `onSend({ text, username, color })` takes over what is to be sent. */
  constructor({ form, identity, drafts, pause, onSend }) {
    const part = (id) => form.querySelector(`#${id}`);
    this.#form = form;
    this.#text = part("text");
    this.#name = part("name");
    this.#sendButton = part("send");
    this.#count = part("count");
    this.#problem = part("problem");
    this.#announcer = part("announcer");
    this.#identity = identity;
    this.#drafts = drafts;
    this.#pause = pause;
    this.#onSend = onSend;
    this.#listen();
    this.fill(this.#text.value || drafts.ofThisTab.text);
  }

  get isEmpty() {
    return this.#text.value.trim() === "";
  }

  focus() {
    this.#text.focus();
  }

  fill(text) {
    this.#text.value = text;
    this.#draw();
    this.#drafts.keep({ text });
  }

  /** Bring back a text that was refused, with the reason, to be edited. What stood in the form is returned. */
  takeBack(text, reason) {
    const written = this.#text.value;
    this.fill(text);
    this.#say(reason);
    return written;
  }

  announce(sentence) {
    this.#announcer.textContent = sentence;
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
    this.#say("");
    this.#draw();
    this.#drafts.keep({ text: this.#text.value });
  }

  #onSubmit(event) {
    event.preventDefault();
    const text = cleanText(this.#text.value);
    if (text.trim() === "") this.#text.focus();
    else if (this.#pause.secondsLeft > 0) this.announce(t("You can send again in {number} seconds.", { number: this.#pause.secondsLeft }));
    else if (this.#isSendable(text)) this.#send(text);
  }

  #isSendable(text) {
    const [problem, field] = this.#problemWith(text, this.#identity.username);
    this.#say(problem);
    if (field === this.#name) this.#identity.open();
    field?.focus();
    return problem === "";
  }

  #problemWith(text, username) {
    const over = surplusOf(text);
    if (over > 0) return [tooLong(over), this.#text];
    if (username === "") return [t("Choose a name first."), this.#name];
    if (lengthOf(username) > LONGEST_NAME) return [t("Names have at most {number} characters.", { number: LONGEST_NAME }), this.#name];
    return ["", null];
  }

  #send(text) {
    const { username, color } = this.#identity;
    this.#onSend({ text, username, color }); // kept there before it is forgotten here
    this.fill("");
    this.#text.focus();
  }

  #say(problem) {
    if (this.#problem.textContent !== problem) this.#problem.textContent = problem;
  }

  #draw() {
    this.#drawCount(cleanText(this.#text.value));
    if (CSS.supports("field-sizing", "content")) return;
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #drawCount(text) {
    const left = LONGEST_TEXT - lengthOf(text);
    const wasShown = this.#count.textContent !== "";
    const wasOver = "over" in this.#count.dataset;
    const isShown = left <= COUNT_FROM;
    this.#count.textContent = isShown ? countOf(text, left) : "";
    this.#count.toggleAttribute("data-over", left < 0);
    // Once on the way, once at the limit; a number at each key would be a nuisance to listen to.
    if (left < 0 && !wasOver) this.announce(t("The comment is too long."));
    else if (isShown && !wasShown) this.announce(counted(left, "1 character left.", "{number} characters left."));
  }

  #drawPause(seconds) {
    this.#sendButton.setAttribute("aria-disabled", String(seconds > 0));
    this.#sendButton.dataset.wait = seconds > 0 ? `${seconds} s` : "";
  }
}

/** What stands at the form. The limit is the server's, in code points; of an emoji that has several one sees only one. */
function countOf(text, left) {
  if (left < 0) return `-${surplusOf(text)}`;
  const count = sizesOf(text).length;
  return count === lengthOf(text) ? String(left) : t("{number} characters, room for {left}", { number: count, left });
}

/** How many characters, as people count them, have to go until the text fits. */
function surplusOf(text) {
  let length = 0;
  return sizesOf(text).filter((size) => (length += size) > LONGEST_TEXT).length;
}

function tooLong(surplus) {
  return counted(
    surplus,
    "That is 1 character too long. Nothing is cut: shorten it and send again.",
    "That is {number} characters too long. Nothing is cut: shorten it and send again.",
  );
}
