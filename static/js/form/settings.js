/* The panel of settings, and the keys that open and explain it. What is set takes effect at once and is kept. */

import { settled } from "../state/settings.js";
import { ofBrowser, onOtherTabs } from "./storage.js";

const KEY = "settings";
const MARKS = ["theme", "size", "motion"]; // of the whole page, as early.js sets them
const BROWSER_COLORS = { light: "#fcfaf8", dark: "#131319" }; // around the page, as in base.html

export class Settings {
  values;
  #dialog;
  #form;
  #onChange;

  /** `dialog` has a form with a field for each setting; `opener` opens it. `onChange(values)` hears of each change. */
  constructor({ dialog, opener, onChange }) {
    this.#dialog = dialog;
    this.#form = dialog.querySelector("form");
    this.#onChange = onChange;
    opener.addEventListener("click", () => this.#open(false));
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it
    this.#form.addEventListener("input", () => this.#keep());
    document.addEventListener("keydown", (event) => this.#onKey(event));
    onOtherTabs((key) => (key === KEY || key === null) && this.#restore());
    this.#restore();
  }

  get isOpen() {
    return this.#dialog.open;
  }

  #open(isAboutKeys) {
    this.#dialog.querySelector("details").open = isAboutKeys;
    this.#dialog.showModal();
  }

  #onKey(event) {
    const isModified = event.ctrlKey || event.altKey || event.metaKey;
    if (event.key !== "?" || isModified || this.values.keys === "off" || this.isOpen || isTyping(event)) return;
    event.preventDefault();
    this.#open(true);
  }

  #keep() {
    ofBrowser.write(KEY, Object.fromEntries(new FormData(this.#form)));
    this.#apply();
  }

  #restore() {
    this.#apply();
    for (const [name, value] of Object.entries(this.values)) this.#form.elements[name].value = value;
  }

  #apply() {
    this.values = settled(ofBrowser.read(KEY));
    for (const name of MARKS) document.documentElement.dataset[name] = this.values[name];
    colorBrowser(this.values.theme);
    this.#onChange(this.values);
  }
}

function colorBrowser(theme) {
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    meta.dataset.own ??= meta.content;
    meta.content = BROWSER_COLORS[theme] ?? meta.dataset.own;
  }
}

function isTyping({ target }) {
  return target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
}
