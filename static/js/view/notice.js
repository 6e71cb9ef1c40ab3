/* What came while the reader was elsewhere: counted on a pill and in the title, until the newest is in view. */

const FAR_SCREENS = 1.5;

export class Notice {
  #stream;
  #view;
  #pill;
  #count = 0;
  #title = document.title;

  /** `onReturn()` brings the reader back to the newest comment. */
  constructor({ stream, view, scroller, pill, onReturn }) {
    this.#stream = stream;
    this.#view = view;
    this.#pill = pill;
    pill.addEventListener("click", onReturn);
    scroller.addEventListener("scroll", () => this.look(), { passive: true });
    document.addEventListener("visibilitychange", () => this.look());
  }

  get isReading() {
    return this.#view.isFollowing && !document.hidden;
  }

  /** Called while the stream is being changed, before it is shown. */
  count(comments, wasReading) {
    if (wasReading || comments.length === 0) return;
    if (this.#count === 0) this.#view.firstFresh = comments[0].id;
    this.#count += comments.length;
  }

  look() {
    if (this.isReading) this.#count = 0;
    const isFar = !this.#stream.atNewest || this.#view.pixelsBelow > FAR_SCREENS * this.#view.height;
    const isNews = this.#count > 0 && !this.#view.isFollowing;
    this.#pill.hidden = !isNews && !isFar;
    this.#pill.classList.toggle("pill--plain", !isNews);
    this.#pill.textContent = isNews ? `${this.#count} new ${this.#count === 1 ? "comment" : "comments"}` : "Newest";
    document.title = this.#count > 0 ? `(${this.#count}) ${this.#title}` : this.#title;
  }
}
