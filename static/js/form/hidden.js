/* Who and what this visitor does not want to see: kept by this browser alone, in the language of views, and told to nobody.
   Whatever stands there is read as any address is, and cannot do harm. */

import { parsed, written } from "../state/grammar.js";
import { EVERYTHING, added, isSame, shows, without } from "../state/views.js";
import { ofBrowser, onOtherTabs } from "./storage.js";

const KEY = "hidden";
const LISTS = ["notUsers", "notWords"];
const MOST = 200; // of each; with one more the first is not hidden any more

export class Hidden {
  #onChange;

  /** `onChange()`: it is another, here or in another tab. */
  constructor(onChange) {
    this.#onChange = onChange;
    onOtherTabs((key) => (key === KEY || key === null) && onChange());
    this.read();
  }

  /** As a view: `notUsers` and `notWords`. */
  view = EVERYTHING;

  /** Returns whether all that was hidden still is. */
  read() {
    const before = this.view;
    const kept = ofBrowser.read(KEY);
    const { notUsers, notWords } = parsed(typeof kept === "string" ? kept : "", MOST);
    this.view = { ...EVERYTHING, notUsers, notWords };
    return LISTS.every((list) => before[list].every((item) => this.view[list].some((other) => isSame(item, other))));
  }

  lets(comment) {
    return shows(this.view, comment);
  }

  /** `list` is "notUsers" or "notWords". */
  add(list, item) {
    this.#write(added(this.view, list, item));
  }

  remove(list, item) {
    this.#write(without(this.view, list, item));
  }

  #write(view) {
    const lists = LISTS.map((list) => [list, view[list].slice(-MOST)]);
    ofBrowser.write(KEY, written({ ...view, ...Object.fromEntries(lists) }));
    this.#onChange();
  }
}
