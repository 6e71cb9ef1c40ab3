/* Who the visitor is: a name and a colour, kept in this browser. Nothing of it is proof of anything. */

import { fromHex, hueClass, livelyColor, toHex } from "../state/colors.js";
import { ofBrowser } from "./storage.js";

const KEY = "identity";
export const LONGEST_NAME = 16;

export class Identity {
  #name;
  #color;
  #swatch;

  constructor({ name, color, swatch }) {
    this.#name = name;
    this.#color = color;
    this.#swatch = swatch;
    this.#restore();
    name.addEventListener("change", () => this.#keep());
    color.addEventListener("input", () => this.#draw());
    color.addEventListener("change", () => this.#keep());
  }

  get username() {
    return this.#name.value.trim();
  }

  /** Nine digits. */
  get color() {
    return fromHex(this.#color.value);
  }

  #restore() {
    const { username, color } = ofBrowser.read(KEY);
    if (typeof username === "string" && this.#name.value === "") this.#name.value = username;
    this.#color.value = toHex(/^[0-9]{9}$/.test(color) ? color : livelyColor(Math.random()));
    this.#draw();
  }

  #keep() {
    ofBrowser.write(KEY, { username: this.username, color: this.color });
    this.#draw();
  }

  /** As others will see it. */
  #draw() {
    const hue = hueClass(this.color);
    for (const element of [this.#swatch, this.#name]) {
      element.classList.remove(...[...element.classList].filter((name) => name.startsWith("hue-")));
      element.classList.add(hue);
    }
  }
}
