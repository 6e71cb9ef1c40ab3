/* The bar above the stream: what the view asks for, each part with its ways out, and the switch. What the switch shows is
   what is applied. */

import { hueClass } from "../state/colors.js";
import { neutral } from "../state/direction.js";
import { t } from "../state/language.js";
import { fullTime } from "../state/times.js";
import { ALL, LISTS, hasFilters, turned, without } from "../state/views.js";
import { button, part } from "./parts.js";

const TYPES = { human: () => t("People only"), AI: () => t("Bots only") };
const TIMES = { since: (time) => t("From {time}", { time }), until: (time) => t("Until {time}", { time }) };

export class Chips {
  #bar;
  #onChoose;
  #sounds;

  /** `onChoose(view)`: the visitor has asked for another one. `soundChoice` is a field of sounds, to be copied;
      `soundOf(list, item)` the name of a chip's, `onSound(list, item, name)` chooses it. */
  constructor({ bar, onChoose, ...sounds }) {
    this.#bar = bar;
    this.#onChoose = onChoose;
    this.#sounds = sounds;
  }

  draw(view) {
    const chips = [...this.#ofFilters(view), ...this.#ofOthers(view)];
    const at = this.#stops.indexOf(document.activeElement);
    this.#bar.hidden = chips.length === 0;
    this.#bar.replaceChildren(...(hasFilters(view) ? [this.#switch(view)] : []), ...chips);
    if (at >= 0) this.#stops.at(Math.min(at, this.#stops.length - 1))?.focus();
  }

  get #stops() {
    return [...this.#bar.querySelectorAll("button, select")];
  }

  #switch(view) {
    const element = button("switch", t("Filters"), () => this.#onChoose({ ...view, isOn: !view.isOn }));
    element.role = "switch";
    element.ariaChecked = String(view.isOn);
    return element;
  }

  /** Those that are switched on and off. */
  #ofFilters(view) {
    const items = Object.values(LISTS).flatMap((list) => view[list].map((item) => this.#ofItem(view, list, item)));
    const times = Object.keys(TIMES).filter((name) => view[name] !== null);
    return [...items, ...times.map((name) => this.#ofTime(view, name))];
  }

  #ofItem(view, list, item) {
    const isNot = list.startsWith("not");
    const label = typeof item === "string" ? `“${neutral(item)}”` : neutral(item.name);
    const turn = turner(label, isNot, () => this.#onChoose(turned(view, list, item)));
    const kind = `chip--filter ${isNot ? "chip--not" : ""} ${item.color ? hueClass(item.color) : ""}`;
    const chip = closable(kind, turn, label, () => this.#onChoose(without(view, list, item)));
    if (!isNot) turn.after(this.#sound(list, item, label));
    return chip;
  }

  /** A note that opens the list of sounds. */
  #sound(list, item, label) {
    const { soundChoice, soundOf, onSound } = this.#sounds;
    const [frame, choice] = [part("span", "chip__sound"), soundChoice.cloneNode(true)];
    choice.removeAttribute("name");
    choice.value = soundOf(list, item);
    choice.ariaLabel = choice.title = t("Sound for {name}", { name: label });
    choice.addEventListener("change", () => onSound(list, item, choice.value));
    frame.dataset.sound = choice.value;
    frame.append(choice);
    return frame;
  }

  #ofTime(view, name) {
    return plain("chip--filter", TIMES[name](fullTime(view[name])), () => this.#onChoose({ ...view, [name]: null }));
  }

  #ofOthers(view) {
    const { search, type } = view;
    const chips = [];
    if (search !== "") chips.push([t("Search: {term}", { term: neutral(search) }), { search: "" }]);
    if (type !== ALL) chips.push([TYPES[type](), { type: ALL }]);
    return chips.map(([label, without]) => plain("", label, () => this.#onChoose({ ...view, ...without })));
  }
}

function plain(kind, label, onRemove) {
  return closable(kind, part("bdi", "chip__text", label), label, onRemove);
}

function closable(kind, content, label, onRemove) {
  const chip = part("span", `chip ${kind}`);
  chip.append(content, button("chip__remove", "×", onRemove, t("Remove {name}", { name: label })));
  return chip;
}

function turner(label, isNot, onPress) {
  const name = isNot ? t("Not {name}", { name: label }) : t("Only {name}", { name: label });
  const turn = button("chip__turn", "", onPress, name);
  turn.title = isNot ? t("Left out. Press to show only this") : t("Only this. Press to leave it out");
  turn.append(part("bdi", "", label));
  return turn;
}
