/* The desk's news: asks for the rows that have changed after the cursor, one question at a time. The server answers from
   the same tail as it answers readers, so a question without news costs it next to nothing. */

const TIMEOUT_MS = 10_000; // who waits for ever for what the network has swallowed hears of nothing any more
const HIDDEN_TAB_FACTOR = 5;

export class Feed {
  /** `apply` takes the news as a document; `say` how it stands: "live", "signed out" or "no answer". */
  constructor(address, cursor, pollAfterMs, apply, say) {
    Object.assign(this, { address, cursor, pollAfterMs, apply, say, asking: null, timer: 0 });
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
    addEventListener("online", () => this.look());
  }

  /** Now, and then every few seconds. If a question is under way, once more after it. */
  async look() {
    clearTimeout(this.timer);
    if (this.asking) await this.asking;
    if (this.asking) return;
    this.asking = this.ask();
    const isMore = await this.asking;
    this.asking = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), isMore ? 0 : this.pause);
  }

  get pause() {
    return document.hidden ? this.pollAfterMs * HIDDEN_TAB_FACTOR : this.pollAfterMs;
  }

  async ask() {
    try {
      const response = await fetch(`${this.address}?after=${this.cursor}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (response.status === 410) location.reload();
      if (response.redirected) return this.say("signed out");
      if (!response.ok) return this.say("no answer");
      this.say("live");
      return response.status === 200 && this.take(await response.text());
    } catch {
      return this.say("no answer");
    }
  }

  take(html) {
    const news = new DOMParser().parseFromString(html, "text/html").querySelector("[data-cursor]");
    this.cursor = Number(news.dataset.cursor);
    this.apply(news);
    return news.dataset.more === "true";
  }
}
