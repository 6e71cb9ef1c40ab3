/* Who the visitor is: a name and a colour, kept in this browser for all its tabs. Nothing of it is proof of anything.

   Once there is a name, it is shown as one chip beside the words, as it will stand in the stream; the chip opens the fields
   again. */

import { t } from "../state/language.js";
import { fromHex, hueClass, livelyColor, toHex } from "../state/colors.js";
import { neutral } from "../state/direction.js";
import { isFitName, cleanName } from "../state/words.js";
import { drawMark } from "../view/comment.js";
import { ofBrowser, onOtherTabs } from "./storage.js";

const KEY = "identity";

export class Identity {
  #form;
  #name;
  #color;
  #chip;
  #swatch;

  /** `form` has the fields #name and #color, the #chip, and #swatch, what shows the colour. */
  constructor(form) {
    const part = (id) => form.querySelector(`#${id}`);
    this.#form = form;
    [this.#name, this.#color, this.#chip, this.#swatch] = ["name", "color", "chip", "swatch"].map(part);
    this.#restore();
    this.#listen(part("text"));
    if (this.#name.value !== "") this.#close();
  }

  get username() {
    return cleanName(this.#name.value);
  }

  /** Nine digits. */
  get color() {
    return fromHex(this.#color.value);
  }

  /** Show the fields, to be changed. */
  open() {
    this.#form.classList.remove("composer--named");
  }

  #listen(text) {
    this.#name.addEventListener("input", () => this.#draw());
    this.#name.addEventListener("change", () => this.#keep({ username: this.username }));
    this.#name.addEventListener("keydown", (event) => this.#onKey(event, text));
    this.#color.addEventListener("input", () => this.#draw());
    this.#color.addEventListener("change", () => this.#keep({ color: this.color }));
    this.#chip.addEventListener("click", () => this.#onChip());
    text.addEventListener("focus", () => this.#close());
    onOtherTabs((key) => (key === KEY || key === null) && this.#hear());
  }

  #onChip() {
    this.open();
    this.#name.select();
  }

  #onKey({ key }, text) {
    if (key === "Escape" && isFitName(this.username)) text.focus();
  }

  /** Nothing of a name that will not do is hidden. */
  #close() {
    this.#form.classList.toggle("composer--named", isFitName(this.username));
  }

  #restore() {
    const { username, color } = kept();
    const isGiven = new URLSearchParams(location.search).has("username"); // for those who have no script
    if (username !== null && (isGiven || this.#name.value === "")) this.#name.value = username;
    this.#color.value = toHex(color ?? livelyColor(Math.random(), Math.random()));
    this.#draw();
  }

  /** Only what was changed here: another tab may have changed the rest. */
  #keep(changed) {
    const { username, color } = { ...kept(), ...changed };
    ofBrowser.write(KEY, { username: username ?? this.username, color: color ?? this.color });
    this.#draw();
  }

  /** What another tab has changed, unless the visitor is at it here. */
  #hear() {
    const { username, color } = kept();
    if (username !== null && document.activeElement !== this.#name) this.#name.value = username;
    if (color !== null && document.activeElement !== this.#color) this.#color.value = toHex(color);
    this.#draw();
  }

  /** As others will see it. */
  #draw() {
    const author = { username: this.username, color: this.color };
    for (const svg of this.#form.querySelectorAll(".composer__mark")) drawMark(svg, author);
    const name = this.#chip.querySelector(".composer__nick");
    name.textContent = neutral(author.username);
    name.className = `composer__nick ${hueClass(author.color)}`;
    this.#chip.setAttribute("aria-label", t("{name}: change name and colour", { name: author.username }));
    for (const element of [this.#swatch, this.#name]) {
      element.classList.remove(...[...element.classList].filter((name) => /^(?:hue|tone)-/.test(name)));
      element.classList.add(...hueClass(author.color).split(" "));
    }
  }
}

/** Each of the two, or null where there is none that is fit. */
function kept() {
  const { username, color } = ofBrowser.read(KEY) ?? {};
  return {
    username: typeof username === "string" ? cleanName(username) : null,
    color: typeof color === "string" && /^[0-9]{9}$/.test(color) && isByte(color) ? color : null,
  };
}

function isByte(color) {
  return [0, 3, 6].every((at) => Number(color.slice(at, at + 3)) <= 255);
}
