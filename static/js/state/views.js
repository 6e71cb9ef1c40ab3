/* What is shown of the stream: one rule for all ways on which comments come. Pure; how a view is written is grammar.js's. */

import { folded, keyOf } from "./folding.js";

export const ALL = "ALL";
/** By their keys in an address. */
export const LISTS = { u: "users", "-u": "notUsers", word: "words", "-word": "notWords" };

/** Everything. `users` are `{ name, color }`, of any colour if that is null; `since` and `until` ms since 1970, both
    included. `isOn`: whether what is asked for is applied, but for the search and the type, which always are. `others`:
    parts that mean nothing here and stay as they are. `broken`: those that were left out. */
export const EVERYTHING = Object.freeze({
  users: [],
  notUsers: [],
  words: [],
  notWords: [],
  search: "",
  type: ALL,
  since: null,
  until: null,
  isOn: true,
  others: [],
  broken: [],
});

/** Whether it asks for anything that can be switched on and off. */
export function hasFilters(view) {
  return Object.values(LISTS).some((name) => view[name].length > 0) || view.since !== null || view.until !== null;
}

/** What of it is applied: switched off, no more than the search and the type. */
export function applied(view) {
  return view.isOn ? view : { ...EVERYTHING, search: view.search, type: view.type };
}

/** The one rule by which a comment is shown, however it comes. */
export function shows(view, comment) {
  if (view.type !== ALL && view.type !== (comment["message-type"] ?? "human")) return false;
  if (view.search !== "" && !has(comment, view.search)) return false;
  return !view.isOn || passes(view, comment);
}

function passes({ users, notUsers, words, notWords, since, until }, comment) {
  const isIn = (wanted) => wanted.some(({ name, color }) => isBy(comment, name, color));
  const hasAny = (wanted) => wanted.some((word) => has(comment, word));
  if ((since !== null && comment.timestamp < since) || (until !== null && comment.timestamp > until)) return false;
  if ((users.length > 0 && !isIn(users)) || isIn(notUsers)) return false;
  return (words.length === 0 || hasAny(words)) && !hasAny(notWords);
}

/* Comments are looked at for each view, and never change. */

const foldedTexts = new WeakMap();
const keys = new WeakMap();

function has(comment, term) {
  return made(foldedTexts, comment, () => folded(comment.text)).includes(folded(term));
}

function isBy(comment, name, color) {
  return (color === null || color === comment.color) && made(keys, comment, () => keyOf(comment.username)) === keyOf(name);
}

function made(all, comment, make) {
  if (!all.has(comment)) all.set(comment, make());
  return all.get(comment);
}

/** Two users of the same key, or two words that are found in the same texts. */
export function isSame(one, other) {
  if (typeof one === "string") return folded(one) === folded(other);
  return one.color === other.color && keyOf(one.name) === keyOf(other.name);
}

/* Changing: each gives another view */

/** With one more in a list, which nothing switches on. */
export function added(view, list, item) {
  if (view[list].some((other) => isSame(item, other))) return view;
  return { ...view, [list]: [...view[list], item], isOn: hasFilters(view) && view.isOn };
}

export function without(view, list, item) {
  return { ...view, [list]: view[list].filter((other) => !isSame(item, other)) };
}

/** From those that are wanted to those that are not, or back. */
export function turned(view, list, item) {
  const opposite = { users: "notUsers", notUsers: "users", words: "notWords", notWords: "words" }[list];
  return { ...added(without(view, list, item), opposite, item), isOn: view.isOn };
}
