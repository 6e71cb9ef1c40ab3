/* Scrolling back: older comments come before the reader reaches the top, and newer ones again on the way down, if the
   window over the stream had to let them go. Who does not scroll has a button for it, behind the form. */

import { t } from "../state/language.js";

const SCREENS_AHEAD = 2;
const MOST_IN_VAIN = 5; // pages in a row of which the view shows nothing

export class History {
  #stream;
  #view;
  #edge;
  #button;
  #server;
  #onLoaded;
  #isLoading = false;
  #askedBefore = 0; // the timestamp above which the keyboard's user wants to read
  #hasFailed = false;
  #inVain = 0;
  #drawn = "";

  /** `edge` stands above the oldest comment. `server.before(timestamp)` and `server.after(timestamp)` give what stands
      there. */
  constructor({ stream, view, scroller, edge, button, server, onLoaded }) {
    this.#stream = stream;
    this.#view = view;
    this.#edge = edge;
    this.#button = button;
    this.#server = server;
    this.#onLoaded = onLoaded;
    scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    edge.addEventListener("click", (event) => this.#onEdge(event));
    edge.addEventListener("mousedown", (event) => event.preventDefault()); // what is replaced shall not have the focus
    button.addEventListener("click", () => this.#onButton());
  }

  #onScroll() {
    this.#inVain = 0;
    this.look();
  }

  /** Load what the reader comes near to, if anything. */
  look() {
    const isAboutToBeReplaced = this.#stream.cursor === null;
    if (this.#isLoading || this.#hasFailed || isAboutToBeReplaced || this.#stream.start === null) return;
    if (this.#inVain >= MOST_IN_VAIN) return;
    const near = this.#view.isFollowing ? 1 : SCREENS_AHEAD * this.#view.height; // who reads the newest needs no others
    if (this.#stream.hasOlder && this.#view.pixelsAbove < near) this.#load(() => this.#older());
    else if (!this.#stream.atNewest && this.#view.pixelsBelow < near) this.#load(() => this.#newer());
  }

  /** Show what stands above the oldest comment. */
  draw() {
    const { hasOlder, start } = this.#stream;
    const drawn = [this.#hasFailed, hasOlder, start, this.#isLoading].join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    if (this.#hasFailed) this.#edge.replaceChildren(t("Older comments could not be loaded."), " ", retry());
    else if (hasOlder && start !== null) this.#edge.replaceChildren(olderLink(start, this.#isLoading));
    else this.#edge.replaceChildren(beginning());
    this.#drawButton(hasOlder);
  }

  #drawButton(hasOlder) {
    if (!hasOlder && this.#hasFocus) this.#lead();
    this.#button.textContent = this.#label;
    this.#button.hidden = !hasOlder;
  }

  get #label() {
    if (this.#isLoading) return t("Loading…");
    return this.#hasFailed ? t("Load older comments again") : t("Older comments");
  }

  async #load(part) {
    this.#isLoading = true;
    this.draw();
    try {
      await part();
    } catch {
      this.#hasFailed = true;
    }
    this.#isLoading = false;
    this.draw();
    this.#onLoaded();
    this.look();
  }

  async #older() {
    const { generation, start, oldest } = this.#stream;
    const page = await this.#server.before(start);
    // Meanwhile the stream may have been loaded afresh, or been cut: then this page may not join on.
    if (this.#stream.generation !== generation || this.#stream.start !== start) return;
    this.#view.update(() => this.#stream.prepend(page), { quietly: true });
    this.#inVain = this.#stream.oldest === oldest ? this.#inVain + 1 : 0;
  }

  async #newer() {
    const { generation, end } = this.#stream;
    const page = await this.#server.after(end);
    if (this.#stream.generation !== generation || this.#stream.end !== end) return;
    this.#view.update(() => this.#stream.append(page), { quietly: true });
  }

  #onEdge(event) {
    if (!event.target.closest("a, button")) return;
    event.preventDefault();
    this.#ask();
  }

  async #onButton() {
    this.#askedBefore = this.#stream.oldest?.timestamp ?? 0;
    await this.#ask();
    if (this.#hasFocus && !this.#hasFailed) this.#lead();
  }

  get #hasFocus() {
    return document.activeElement === this.#button;
  }

  /** Who asks by keyboard is led to what was asked for. */
  #lead() {
    const asked = this.#stream.before(this.#askedBefore) ?? this.#stream.oldest;
    this.#view.focus(asked?.id);
  }

  async #ask() {
    if (this.#isLoading || this.#stream.start === null) return;
    this.#hasFailed = false;
    this.#inVain = 0;
    await this.#load(() => this.#older());
  }
}

/* For the pointer only: they stand before all comments, and the button stands behind the form. */

function olderLink(start, isLoading) {
  const link = part("a", "button", isLoading ? t("Loading…") : t("Older comments"));
  return Object.assign(link, { href: `/?before=${start}`, tabIndex: -1 });
}

function retry() {
  return Object.assign(part("button", "button", t("Try again")), { type: "button", tabIndex: -1 });
}

function beginning() {
  return part("span", "edge__beginning", t("This is the beginning."));
}

function part(tag, className, textContent) {
  return Object.assign(document.createElement(tag), { className, textContent });
}
