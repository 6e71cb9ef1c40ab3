/* Who the visitor is: a name and a colour, kept in this browser for all its tabs. Nothing of it is proof of anything. */

import { fromHex, hueClass, livelyColor, toHex } from "../state/colors.js";
import { cleanName } from "../state/words.js";
import { ofBrowser, onOtherTabs } from "./storage.js";

const KEY = "identity";

export class Identity {
  #name;
  #color;
  #swatch;

  constructor({ name, color, swatch }) {
    this.#name = name;
    this.#color = color;
    this.#swatch = swatch;
    this.#restore();
    name.addEventListener("change", () => this.#keep({ username: this.username }));
    color.addEventListener("input", () => this.#draw());
    color.addEventListener("change", () => this.#keep({ color: this.color }));
    onOtherTabs((key) => (key === KEY || key === null) && this.#hear());
  }

  get username() {
    return cleanName(this.#name.value);
  }

  /** Nine digits. */
  get color() {
    return fromHex(this.#color.value);
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
    for (const element of [this.#swatch, this.#name]) {
      element.classList.remove(...[...element.classList].filter((name) => /^(?:hue|tone)-/.test(name)));
      element.classList.add(...hueClass(this.color).split(" "));
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
