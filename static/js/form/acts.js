/* What a visitor does with a comment: the bar of actions.js, a click on a name, a quote or a way into the context. */

import { neutral } from "../state/direction.js";
import { t } from "../state/language.js";
import { Actions } from "../view/actions.js";
import { idOf } from "../view/comment.js";

export class Acts {
  #parts;

  /** `list` has the items, `template` the bar; `find(item)`: its comment; `looking`, `replying` and
      `reporting`; `focusForm()`; `say(words)`, to those who listen; `keepPlace(change)` as in view.js. */
  constructor({ list, template, keepPlace, ...parts }) {
    this.#parts = parts;
    const bar = template.content.firstElementChild.cloneNode(true);
    new Actions({ list, bar, onAct: (act, item, word) => this.#do(act, item, word), keepPlace });
    list.addEventListener("click", (event) => this.#onClick(event, event.target));
  }

  /** Returns what to say on the button. */
  #do(act, item, word) {
    const comment = this.#parts.find(item);
    return comment && this.#acts[act]?.(comment, item, word);
  }

  #acts = {
    reply: (comment) => {
      this.#parts.replying.begin(comment);
      this.#parts.focusForm();
    },
    here: ({ id }) => this.#parts.looking.goTo(id, id),
    copy: ({ text }, item) => this.#copy(text, item.querySelector(".comment__text")),
    link: ({ id }) => this.#copy(`${location.origin}/c/${id}`),
    only: (comment) => this.#parts.looking.only(userOf(comment)),
    word: (comment, item, word) => this.#add("words", word, `“${word}”`),
    report: (comment, item) => this.#parts.reporting?.begin(item),
    hide: (comment) => this.#parts.looking.hide("notUsers", userOf(comment), neutral(comment.username)),
  };

  /** A press with a key is the browser's: another tab, another window. */
  #onClick(event, target) {
    const item = target.closest(".comment");
    if (event.ctrlKey || event.metaKey || event.shiftKey || !getSelection().isCollapsed) return;
    const link = target.closest(".comment__quote, .comment__here");
    if (link) {
      event.preventDefault();
      this.#parts.looking.goTo(link.pathname.slice("/c/".length), idOf(item));
    } else if (target.closest(".comment__name")) {
      const comment = this.#parts.find(item);
      if (comment) this.#add("users", userOf(comment), comment.username);
    }
  }

  #add(list, item, name) {
    this.#parts.looking.add(list, item);
    this.#parts.say(t("{name} stands among the filters.", { name: neutral(name) }));
  }

  /** Where the browser does not let us, it is shown or selected, to be copied by hand. */
  async #copy(text, element) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      if (element) getSelection().selectAllChildren(element);
      return element ? t("Selected: copy it") : text;
    }
    this.#parts.say(t("Copied."));
    return t("Copied");
  }
}

function userOf({ username, color }) {
  return { name: username, color };
}
