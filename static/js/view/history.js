/* Scrolling back: older comments come before the reader reaches the top, and newer ones again on the way down, if the
   window over the stream had to let them go. */

const SCREENS_AHEAD = 2;

export class History {
  #stream;
  #view;
  #edge;
  #server;
  #onLoaded;
  #isLoading = false;
  #hasFailed = false;
  #drawn = "";

  /** `server.before(timestamp)` and `server.after(timestamp)` give what stands there. */
  constructor({ stream, view, scroller, edge, server, onLoaded }) {
    this.#stream = stream;
    this.#view = view;
    this.#edge = edge;
    this.#server = server;
    this.#onLoaded = onLoaded;
    scroller.addEventListener("scroll", () => this.look(), { passive: true });
    edge.addEventListener("click", (event) => this.#onClick(event));
  }

  /** Load what the reader comes near to, if anything. */
  look() {
    const isAboutToBeReplaced = this.#stream.cursor === null;
    if (this.#isLoading || this.#hasFailed || isAboutToBeReplaced || !this.#stream.oldest) return;
    const near = SCREENS_AHEAD * this.#view.height;
    if (this.#stream.hasOlder && this.#view.pixelsAbove < near) this.#load(() => this.#older());
    else if (!this.#stream.atNewest && this.#view.pixelsBelow < near) this.#load(() => this.#newer());
  }

  /** Show what stands above the oldest comment. */
  draw() {
    const { hasOlder, oldest } = this.#stream;
    const drawn = [this.#hasFailed, hasOlder, oldest?.timestamp, this.#isLoading].join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    if (this.#hasFailed) this.#edge.replaceChildren("Older comments could not be loaded. ", button("Try again"));
    else if (hasOlder && oldest) this.#edge.replaceChildren(olderLink(oldest, this.#isLoading));
    else this.#edge.replaceChildren(beginning());
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
    const { oldest } = this.#stream;
    const page = await this.#server.before(oldest.timestamp);
    // Meanwhile the stream may have been loaded afresh: then this page may not join on.
    if (this.#stream.oldest !== oldest) return;
    this.#view.update(() => this.#stream.prepend(page), { quietly: true });
  }

  async #newer() {
    const { newest } = this.#stream;
    const page = await this.#server.after(newest.timestamp);
    if (this.#stream.newest !== newest) return;
    this.#view.update(() => this.#stream.append(page), { quietly: true });
  }

  #onClick(event) {
    if (!event.target.closest("a, button")) return;
    event.preventDefault();
    this.#hasFailed = false;
    if (!this.#isLoading && this.#stream.oldest) this.#load(() => this.#older());
  }
}

function olderLink({ timestamp }, isLoading) {
  const link = document.createElement("a");
  link.className = "button";
  link.href = `?before=${timestamp}`;
  link.textContent = isLoading ? "Loading…" : "Older comments";
  return link;
}

function beginning() {
  const note = document.createElement("span");
  note.className = "edge__beginning";
  note.textContent = "This is the beginning.";
  return note;
}

function button(label) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button";
  element.textContent = label;
  return element;
}
