/* The language of the page. Phrases are written in English, which are their own keys; the page brings what they are in
   another language. Pure. */

let phrases = {};
let tag = "en";

/** `known`: phrase → phrase in the language of the page, by its `name`, as in "de". */
export function speak(known, name) {
  phrases = known;
  tag = name;
}

/** For Intl; English as most of the world writes dates. */
export function locale() {
  return tag === "en" ? "en-GB" : tag;
}

/** The phrase as it is said here; `{name}` in it stands for the value of that name. */
export function t(phrase, values = {}) {
  return (phrases[phrase] ?? phrase).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** What the server has said; a number in it may be any. */
export function said(sentence) {
  const [number] = /[0-9]+/.exec(sentence) ?? [];
  return t(sentence.replace(/[0-9]+/, "{number}"), { number });
}

/** The phrase for one, or that for any other `{number}`. */
export function counted(number, one, other) {
  return t(number === 1 ? one : other, { number });
}
