/* Where the reader is led: to the newest comment, to another view, and back to the comment that had led elsewhere. What
   the stream lacks for it is loaded, and the reader arrives when it is there. */

export class Travel {
  #stream;
  #view;
  #place;
  #loadAfresh;
  #isReturning = false;
  #askedBack = null; // the id of a comment

  /** `loadAfresh()`: the newest comments that are shown, in place of what there is; then `arrive()`. */
  constructor({ stream, view, place, loadAfresh }) {
    this.#stream = stream;
    this.#view = view;
    this.#place = place;
    this.#loadAfresh = loadAfresh;
  }

  toNewest() {
    this.#place.leave();
    this.#view.goToEnd();
    if (!this.#stream.atNewest) this.toNewestOfView(); // the window had let them go
  }

  /** What the view does not show goes at once. */
  toNewestOfView() {
    this.#place.leave();
    this.#askedBack = null;
    this.#isReturning = true;
    this.#loadAfresh(); // first: nobody shall ask for more of what goes
    this.#view.drawNow({ quietly: true });
  }

  /** If the view is another one too, once that is there. */
  async backTo(id) {
    const isLoading = this.#stream.cursor === null;
    this.#askedBack = isLoading ? id : null;
    if (isLoading) return;
    if (await this.#place.go(id)) this.#view.focus(id);
  }

  arrive() {
    if (this.#isReturning) this.#view.goToEnd();
    this.#isReturning = false;
    if (this.#askedBack !== null) this.backTo(this.#askedBack);
  }
}
