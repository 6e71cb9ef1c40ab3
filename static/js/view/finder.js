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
    this.#form.addEventListener("change", ({ target }) => target.name === "mt" && this.#chooseType(target.value));
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
    const people = notUsers.map((user) => hiddenLine(neutral(user.name), () => onShow("notUsers", user)));
    const words = notWords.map((word) => hiddenLine(`“${neutral(word)}”`, () => onShow("notWords", word)));
    place.querySelector("ul").replaceChildren(...people, ...words);
    place.hidden = people.length + words.length === 0;
  }

  close() {
    if (this.#details.contains(document.activeElement)) this.#details.querySelector("summary").focus();
    this.#details.open = false;
  }

  #onToggle() {
    if (this.#details.open && !this.#form.contains(document.activeElement)) this.#form.elements.search.focus();
  }

  #chooseType(type) {
    this.#choose({ ...this.#view, type });
  }

  #onSubmit(event) {
    event.preventDefault();
    const hidden = this.#taken("hide");
    const view = { ...this.#view, search: this.#form.elements.search.value.trim() };
    const wanted = Object.entries(FIELDS).reduce((view, [name, list]) => this.#withField(view, name, list), view);
    this.close();
    if (hidden !== "") this.#hide(hidden);
    this.#choose(wanted === view ? view : { ...wanted, isOn: true }); // who fills in a filter wants it
  }

  #withField(view, name, list) {
    const text = this.#taken(name);
    if (text === "") return view;
    return added(view, list, list === "users" ? { name: text, color: null } : text);
  }

  /** What stands in a field, which is empty then. */
  #taken(name) {
    const field = this.#form.elements[name];
    const text = field.value.trim();
    field.value = "";
    return text;
  }
}

function hiddenLine(label, onShow) {
  const line = part("li", "finder__one");
  line.append(part("bdi", "", label), button("button", t("Show again"), onShow, t("Show {name} again", { name: label })));
  return line;
}
