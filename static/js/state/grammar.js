/* The language of views, as it stands in an address behind the #: docs/views.md. Pure; the twin of comments/wire/views.py,
   tested by one table. Nothing that stands there throws: what is broken is left out, and told. */

import { canonical } from "./colors.js";
import { ALL, EVERYTHING, LISTS, hasFilters, isSame } from "./views.js";

const MOST = 20; // that a server is asked for
const LONGEST = { name: 255, word: 100 };
const MOST_PARTS = 100;
const SINGLE = { search: "search", mt: "type", from: "since", to: "until", filteractive: "isOn" };
const TYPES = { human: "human", ai: "AI", all: ALL };
const ESCAPED = /(?:\\|%5C)(\\|%5C|\+|%2B|:|%3A)/gi;
// What stands for them until the parts are taken apart: no characters, so that no name has them.
const KEPT = { "+": "\ufdd1", ":": "\ufdd2", "\\": "\ufdd3" };
const MEANT = { "\ufdd1": "+", "\ufdd2": ":", "\ufdd3": "\\" };
const SEPARATOR = /\+|%2B/i;
const UNFIT = /[\0\ufffd]|\p{Cs}|\p{Noncharacter_Code_Point}/u;
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?Z?)?$/;
const RESTS = { from: 0, to: 86_400_000 - 1 }; // what of a day belongs to a date, in ms

/** The view that an address asks for, with or without its # or ?; `most` users, or words, of one kind. */
export function parsed(address, most = MOST) {
  const view = structuredClone(EVERYTHING);
  const parts = address.replace(/^[#?]/, "").split("&").filter((part) => part !== "");
  parts.slice(0, MOST_PARTS).forEach((part) => take(view, part, most));
  if (parts.length > MOST_PARTS) view.broken.push(`${parts[MOST_PARTS]}…`);
  return view;
}

/** The address of a view, without the #. */
export function written(view) {
  const lists = Object.entries(LISTS).filter(([, name]) => view[name].length > 0);
  const parts = lists.map(([key, name]) => `${key}=${view[name].map(writtenItem).join("+")}`);
  if (view.search !== "") parts.push(`search=${encoded(view.search)}`);
  if (view.type !== ALL) parts.push(`mt=${view.type}`);
  for (const key of Object.keys(RESTS)) if (view[SINGLE[key]] !== null) parts.push(`${key}=${view[SINGLE[key]]}`);
  if (hasFilters(view)) parts.push(`filteractive=${view.isOn}`);
  return [...parts, ...view.others].join("&");
}

/* Reading */

function take(view, part, most) {
  const at = part.includes("=") ? part.indexOf("=") : part.length;
  const [key, value] = [decoded(part.slice(0, at)), part.slice(at + 1)];
  if (Object.hasOwn(LISTS, key)) takeList(view, key, value, most);
  else if (Object.hasOwn(SINGLE, key)) takeSingle(view, key, value);
  else view.others.push(part);
}

/** `+` parts them. */
function takeList(view, key, value, most) {
  const list = view[LISTS[key]];
  const read = key.endsWith("u") ? user : word;
  for (const piece of value.replace(ESCAPED, kept).split(SEPARATOR)) {
    if (piece === "") continue;
    const item = read(decoded(piece));
    if (item === null || list.length >= most) view.broken.push(`${key}=${meant(decoded(piece))}`);
    else if (!list.some((other) => isSame(item, other))) list.push(item);
  }
}

/** As of a form, `+` is a space. */
function takeSingle(view, key, value) {
  const text = decoded(value.replaceAll("+", " ")).trim();
  const found = text === "" ? undefined : READERS[key](text);
  if (found === null) view.broken.push(`${key}=${text}`);
  else if (found !== undefined) view[SINGLE[key]] = found;
}

const READERS = {
  search: word,
  mt: (text) => (Object.hasOwn(TYPES, text.toLowerCase()) ? TYPES[text.toLowerCase()] : null),
  from: (text) => moment(text, RESTS.from),
  to: (text) => moment(text, RESTS.to),
  filteractive: (text) => (text === "true" || text === "false" ? text === "true" : null),
};

function user(text) {
  const [name, color] = text.split(/:(.*)/su).map(meant);
  const digits = color ? canonical(color) : null;
  return isFit(name, LONGEST.name) && (!color || digits !== null) ? { name, color: digits } : null;
}

function word(text) {
  return isFit(meant(text), LONGEST.word) ? meant(text) : null;
}

/** In ms since 1970, or a date, or a time of it, in UTC; `rest` of the day belongs to a date. */
function moment(text, rest) {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  const [, year, month, day, hour, minute, second] = MOMENT.exec(text) ?? [];
  if (year === undefined) return null;
  const date = new Date(Date.UTC(year, month - 1, day, hour ?? 0, minute ?? 0, second ?? 0));
  const isReal = date.toISOString().startsWith(text.slice(0, 16).replace(/Z$/, "")) && !(second > 59);
  return isReal && year >= 1970 ? date.getTime() + (hour === undefined ? rest : 0) : null;
}

/** Broken percent signs are themselves; what is no text in UTF-8 becomes what is unfit. */
function decoded(text) {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return "\ufffd";
    }
  });
}

function isFit(text, most) {
  return text.trim() !== "" && [...text].length <= most && !UNFIT.test(text);
}

function kept(_, escaped) {
  return KEPT[decoded(escaped)];
}

function meant(text) {
  return text.replace(/[\ufdd1-\ufdd3]/g, (mark) => MEANT[mark]);
}

/* Writing */

function writtenItem(item) {
  const text = (typeof item === "string" ? item : item.name).replace(/[\\+:]/g, "\\$&");
  const color = item.color ? `:${item.color}` : "";
  return encoded(text) + color;
}

/** Halves of characters cannot be written. */
function encoded(text) {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, ""));
}
