/* The panel for searching and filtering. Without a script it is a form that asks the server. */

import { neutral } from "../state/direction.js";
import { t } from "../state/language.js";
import { added } from "../state/views.js";
import { button, part } from "./parts.js";

const FIELDS = { u: "users", word: "words", "-word": "notWords" };

export class Finder {
  #details;
  #form;
  #choose;
  #hide;
  #view = null;

  /** `details` holds the form. `onChoose(view)`: the visitor has asked for another one. `onHide(word)`: not to see it. */
  constructor({ details, onChoose, onHide }) {
    this.#details = details;
    this.#form = details.querySelector("form");
    this.#choose = onChoose;
    this.#hide = onHide;
    this.#form.addEventListener("submit", (event) => this.#onSubmit(event));
    this.#form.addEventListener("change", ({ target }) => target.name === "mt" && this.#choose({ ...this.#view, type: target.value }));
    details.addEventListener("keydown", ({ key }) => key === "Escape" && this.close());
    details.addEventListener("toggle", () => this.#onToggle());
    document.addEventListener("pointerdown", ({ target }) => details.contains(target) || (details.open = false));
  }

  draw(view) {
    this.#view = view;
    const { search, mt } = this.#form.elements;
    if (document.activeElement !== search) search.value = view.search;
    mt.value = view.type;
  }

  /** Those that are hidden for this visitor; `onShow(list, item)`: not any more. */
  drawHidden({ notUsers, notWords }, onShow) {
    const place = this.#form.querySelector(".finder__hidden");
    const line = (list) => (item) => {
      const label = list === "notUsers" ? neutral(item.name) : `“${neutral(item)}”`;
      const row = part("li", "finder__one");
      row.append(part("bdi", "", label), button("button", t("Show again"), () => onShow(list, item), t("Show {name} again", { name: label })));
      return row;
    };
    place.querySelector("ul").replaceChildren(...notUsers.map(line("notUsers")), ...notWords.map(line("notWords")));
    place.hidden = notUsers.length + notWords.length === 0;
  }

  close() {
    if (this.#details.contains(document.activeElement)) this.#details.querySelector("summary").focus();
    this.#details.open = false;
  }

  #onToggle() {
    if (this.#details.open && !this.#form.contains(document.activeElement)) this.#form.elements.search.focus();
  }

  #onSubmit(event) {
    event.preventDefault();
    const { elements } = this.#form;
    let view = { ...this.#view, search: elements.search.value.trim() };
    const filled = Object.entries(FIELDS).filter(([name]) => elements[name].value.trim() !== "");
    for (const [name, list] of filled) {
      const text = elements[name].value.trim();
      view = added(view, list, list === "users" ? { name: text, color: null } : text);
      elements[name].value = "";
    }
    const hidden = elements.hide.value.trim();
    elements.hide.value = "";
    this.close();
    if (hidden !== "") this.#hide(hidden);
    this.#choose(filled.length > 0 ? { ...view, isOn: true } : view); // who fills in a filter wants it
  }
}
