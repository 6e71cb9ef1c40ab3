/* The bar above the stream: what the view asks for, each part with its ways out, and the switch. What the switch shows is
   what is applied. */

import { fullTime } from "../state/times.js";
import { hueClass } from "../state/colors.js";
import { neutral } from "../state/direction.js";
import { t } from "../state/language.js";
import { ALL, LISTS, hasFilters, turned, without } from "../state/views.js";
import { button, part } from "./parts.js";

const TYPES = { human: () => t("People only"), AI: () => t("Bots only") };
const TIMES = { since: (time) => t("From {time}", { time }), until: (time) => t("Until {time}", { time }) };

export class Chips {
  #bar;
  #onChoose;
  #focus = null; // the label of the button that is to have it

  /** `onChoose(view)`: the visitor has asked for another one. */
  constructor({ bar, onChoose }) {
    this.#bar = bar;
    this.#onChoose = onChoose;
  }

  draw(view) {
    const chips = [...this.#lists(view), ...this.#single(view)];
    this.#bar.hidden = chips.length === 0;
    const all = hasFilters(view) ? [this.#switch(view), ...chips] : chips;
    const hadFocus = this.#bar.contains(document.activeElement) ? document.activeElement.ariaLabel : null;
    this.#bar.replaceChildren(...all);
    if (hadFocus !== null) this.#refocus(hadFocus);
  }

  #refocus(label) {
    const buttons = [...this.#bar.querySelectorAll("button")];
    (buttons.find((one) => one.ariaLabel === label) ?? buttons[0])?.focus();
  }

  #switch(view) {
    const choose = () => this.#onChoose({ ...view, isOn: !view.isOn });
    const element = button("switch", view.isOn ? t("Filters on") : t("Filters off"), choose, t("Filters"));
    element.role = "switch";
    element.ariaChecked = String(view.isOn);
    return element;
  }

  #lists(view) {
    return Object.values(LISTS).flatMap((list) => view[list].map((item) => this.#chip(view, list, item)));
  }

  #chip(view, list, item) {
    const [isNot, name] = [list.startsWith("not"), neutral(item.name ?? item)];
    const label = typeof item === "string" ? `“${name}”` : name;
    const turn = button("chip__turn", "", () => this.#onChoose(turned(view, list, item)), isNot ? t("Not {name}", { name: label }) : t("Only {name}", { name: label }));
    turn.title = isNot ? t("Left out. Press to show only this") : t("Only this. Press to leave it out");
    turn.append(part("bdi", "", label));
    return this.#closable(turn, label, isNot, item.color, () => this.#onChoose(without(view, list, item)));
  }

  #single(view) {
    const chips = [];
    const add = (label, empty) => chips.push(this.#closable(part("bdi", "chip__text", label), label, false, null, () => this.#onChoose({ ...view, ...empty })));
    if (view.search !== "") add(t("Search: {term}", { term: neutral(view.search) }), { search: "" });
    if (view.type !== ALL) add(TYPES[view.type](), { type: ALL });
    for (const name of Object.keys(TIMES)) if (view[name] !== null) add(TIMES[name](fullTime(view[name])), { [name]: null });
    return chips;
  }

  #closable(content, label, isNot, color, onRemove) {
    const chip = part("span", `chip${isNot ? " chip--not" : ""} ${color ? hueClass(color) : ""}`);
    chip.append(content, button("chip__remove", "×", onRemove, t("Remove {name}", { name: label })));
    return chip;
  }
}
