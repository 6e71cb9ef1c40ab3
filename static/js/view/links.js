/* Text with its web addresses as links, built as DOM nodes. The twin of comments/text/links.py: the same patterns over
   the same shape, tested by one table. */

const START = /https?:\/\//gi;
// Another address that is no part of the one before it, as in https://web.archive.org/web/2020/https://example.org.
const NEXT = /(?<![/=?&#%])https?:\/\//gi;
// No user part to hide the host behind, and no host that goes on in a way that one does not see.
const ADDRESS =
  /^https?:\/\/(\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)*(?:\.(?=[:/?#]))?)(?::[0-9]+)?(?!\$*\.?[\w-]|[%\\]|[^\s/?#]*@)(?:[/?#][^\s<>"\\`]*)?/i;
const TRAILING = ".,:;!?'*|([{";
const CLOSING = { ")": "(", "]": "[", "}": "{" };

const BEYOND_ASCII = /[^\0-\x7f]/gu;
const JOINTS = "·・་׳״‐‑–־"; // punctuation that stands inside of words
const OF_WORDS = /[\p{L}\p{N}\p{M}\u200c\u200d]/u;
const SEPARATING = /[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Po}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Pd}]/u;
const SOFT_HYPHEN = "\u00ad";

// Letters of one group are not taken for each other.
const GROUPS = [
  "Latin Han Hiragana Katakana Hangul Bopomofo",
  ..."Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hebrew".split(" "),
  ..."Kannada Khmer Lao Malayalam Myanmar Sinhala Tamil Telugu Thai".split(" "),
].map((scripts) => new RegExp(`^(?:${scripts.replace(/(\w+) ?/g, "\\p{Script=$1}|")}\\P{L})*$`, "u"));
const JOINERS = /[\u200c\u200d]/;

/** The nodes for a text, ready to be put into an element. */
export function linked(text) {
  return parts(text)
    .filter(({ shown }) => shown !== "")
    .map(({ shown, address }) => (address ? link(shown, address) : shown));
}

/** The text in pieces { shown, address }, in order; the address only of those that are links. */
export function parts(text) {
  const pieces = [];
  let end = 0;
  for (const { start, stop, host } of spans(shapeOf(text))) {
    const address = text.slice(start, stop);
    const hostname = hostnameOf(address);
    if (hostname === "") continue;
    pieces.push({ shown: text.slice(end, start) });
    pieces.push({ shown: honest(address, address.slice(host.start, host.stop), hostname), address });
    end = stop;
  }
  return [...pieces, { shown: text.slice(end) }];
}

/** Where what looks like an address begins and ends, and where its host is in it. */
function* spans(shape) {
  for (let at = 0, start; (start = search(START, shape, at)); ) {
    const from = start.index;
    const piece = ADDRESS.exec(shape.slice(from, search(NEXT, shape, from + start[0].length)?.index));
    at = from + (piece ? trimmed(piece[0]) : start[0].length);
    if (piece) yield { start: from, stop: at, host: spanOfHost(piece) };
  }
}

function search(pattern, shape, from) {
  pattern.lastIndex = from;
  return pattern.exec(shape);
}

function spanOfHost([piece, host]) {
  const start = piece.indexOf("//") + 2;
  return { start, stop: start + host.length };
}

/** How much of it is address: what only closes or ends the words around it is not. */
function trimmed(shape) {
  for (let end = closedAt(shape); ; ) {
    if (TRAILING.includes(shape[end - 1])) end -= 1;
    else if (shape.slice(end - 2, end).toLowerCase() === "'s") end -= 2;
    else return end;
  }
}

/** Where a bracket closes that was opened before the address. */
function closedAt(shape) {
  const opened = { "(": 0, "[": 0, "{": 0 };
  for (let at = 0; at < shape.length; at += 1) {
    if (shape[at] in opened) opened[shape[at]] += 1;
    else if (shape[at] in CLOSING && --opened[CLOSING[shape[at]]] < 0) return at;
  }
  return shape.length;
}

/** The text in ASCII, as long as it: what is a letter, what separates, and whatever else there is. */
function shapeOf(text) {
  return text.replace(BEYOND_ASCII, (character) => shapeOfCharacter(character).repeat(character.length));
}

function shapeOfCharacter(character) {
  if (JOINTS.includes(character)) return ",";
  if (OF_WORDS.test(character)) return "_";
  return SEPARATING.test(character) && character !== SOFT_HYPHEN ? " " : "$";
}

/** The host that the browser would ask, in ASCII; empty if it would ask none. */
function hostnameOf(address) {
  try {
    return new URL(address).hostname;
  } catch {
    return "";
  }
}

/** The address with its host's real name, unless the one that is written cannot be taken for another. */
function honest(address, host, hostname) {
  const isPlain = host.toLowerCase() === hostname || isOfOneScript(host);
  return isPlain ? address : address.replace(host, () => hostname);
}

/** Of a host that is not in ASCII: whether its letters are plain ones of one script. */
function isOfOneScript(host) {
  if (!/[^\0-\x7f]/.test(host) || host.normalize("NFKC") !== host) return false;
  return GROUPS.some((letters) => letters.test(host)) && !JOINERS.test(host);
}

function link(shown, address) {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.target = "_blank";
  anchor.rel = "nofollow ugc noopener noreferrer";
  anchor.textContent = shown;
  return anchor;
}
