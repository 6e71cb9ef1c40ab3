/* What the visitor looks at: the view of the address, less what is hidden for this visitor; and how it is chosen. */

import { parsed, written } from "../state/grammar.js";
import { t } from "../state/language.js";
import { EVERYTHING, added, applied, shows } from "../state/views.js";
import { Address } from "../view/address.js";
import { Chips } from "../view/chips.js";
import { Finder } from "../view/finder.js";
import { markFrom } from "../view/marking.js";
import { button, say } from "../view/parts.js";
import { Chimes } from "./chimes.js";
import { Hidden } from "./hidden.js";

export class Looking {
  /** What the chips sound like. */
  sounds;
  #parts;
  #address;
  #hidden;
  #chips;
  #finder;
  #shown = null; // the address of what is applied: "" for everything

  /** `bar`, `finder`, `said` and `scroller` are elements, `soundChoice` a field of sounds, to be copied. `look(shows, address)`
      as of Session; `draw()`: the stream as it is; `reload()`: what it lacks; `go(id, isAlone)`, `comeBack(id)`: to a
      comment, and to the one that had led there. `onSounds(name)`: the chips have others; which of them is to be heard. */
  constructor(parts) {
    this.#parts = parts;
    this.#hidden = new Hidden(() => this.#onHidden());
    this.#address = new Address({ onMove: () => this.#onMove(), onReturn: (id) => parts.comeBack(id) });
    const onChoose = (view) => this.#address.show(view);
    this.sounds = new Chimes(() => this.#drawChips());
    const soundOf = (list, item) => this.sounds.of(list, item);
    const onSound = (list, item, name) => this.#choose(list, item, name);
    this.#chips = new Chips({ bar: parts.bar, onChoose, soundChoice: parts.soundChoice, soundOf, onSound });
    this.#finder = new Finder({
      details: parts.finder,
      onChoose,
      onHide: (word) => this.hide("notWords", word, `“${word}”`),
    });
    this.#apply();
  }

  get view() {
    return this.#address.view;
  }

  /** What the page came with is in the stream: `served` is the address of its view. Load what it lacks. */
  begin(served) {
    const has = addressOf(parsed(served));
    const isLacking = has !== "" && has !== this.#shown;
    const id = this.#address.commentId;
    if (id !== null) this.#parts.go(id, isLacking);
    else if (isLacking) this.#parts.reload();
  }

  // Choosing

  /** One more to be filtered by, which by itself switches nothing on. */
  add(list, item) {
    this.#address.show(added(this.view, list, item));
  }

  #choose(list, item, name) {
    this.sounds.choose(list, item, name);
    this.#drawChips(name);
  }

  /** Nothing but what this person has said. */
  only(user) {
    this.#address.show({ ...EVERYTHING, users: [user], others: this.view.others });
  }

  goTo(id, from) {
    this.#address.goTo(id, from);
  }

  hide(list, item, label) {
    this.#hidden.add(list, item);
    const undo = () => this.#hidden.remove(list, item);
    this.#parts.said.replaceChildren(t("{name} is hidden for you.", { name: label }), " ", button("button", t("Undo"), undo));
  }

  // Applying

  #onMove() {
    const before = this.#shown;
    this.#apply();
    const isOther = before !== this.#shown;
    const id = this.#address.commentId;
    if (id !== null) this.#parts.go(id, isOther);
    else if (isOther) this.#parts.reload();
  }

  /** What is hidden goes from where it stands; what is not hidden any more has to be loaded. */
  #onHidden() {
    const isMore = this.#hidden.read();
    this.#shown = null;
    this.#apply();
    if (isMore) this.#parts.draw();
    else this.#parts.reload();
  }

  #apply() {
    const { view } = this;
    const [address, problem] = [addressOf(view), complaint(view.broken)];
    if (address !== this.#shown || problem !== "") say(this.#parts.said, problem);
    this.#shown = address;
    markFrom(view.search);
    this.#parts.look((comment) => shows(view, comment) && this.#hidden.lets(comment), address);
    this.#parts.scroller.toggleAttribute("data-viewed", address !== "");
    this.#parts.scroller.toggleAttribute("data-found", view.search !== "");
    this.#drawChips();
    this.#finder.draw(view);
    this.#finder.drawHidden(this.#hidden.view, (list, item) => this.#hidden.remove(list, item));
  }

  #drawChips(sample) {
    this.sounds.look(this.view);
    this.#chips.draw(this.view);
    this.#parts.onSounds(sample);
  }
}

/** The same for all views that show the same, so that nothing is loaded or moves where filters are off. */
function addressOf(view) {
  return written({ ...applied(view), others: [] });
}

function complaint(broken) {
  return broken.length === 0 ? "" : `${t("Left out of this address, because it cannot be read:")} ${broken.join(", ")}`;
}
