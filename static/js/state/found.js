/* Where a term stands in a text, however it is written there. Pure; the twin of comments/text/found.py. */

import { folded } from "./folding.js";

/** As [start, stop] in the text, in order. */
export function spans(text, term) {
  const wanted = folded(term);
  if (wanted === "") return [];
  const pieces = piecesOf(text);
  const whole = pieces.map((piece) => piece.folded).join("");
  const found = [];
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
    const first = pieces.findLast(({ place }) => place <= at);
    const last = pieces.findLast(({ place }) => place < at + wanted.length);
    const start = Math.max(first.start, found.at(-1)?.[1] ?? 0); // a ligature may have it twice
    if (start < last.stop) found.push([start, last.stop]);
  }
  return found;
}

/** What can be folded by itself: letters that a neighbour changes stay together. `place`: where it stands when folded. */
function piecesOf(text) {
  const pieces = [];
  for (const letter of text) {
    const last = pieces.at(-1);
    const together = last && folded(last.text + letter);
    if (!last || together === last.folded + folded(letter)) pieces.push(newPiece(letter, last));
    else Object.assign(last, { text: last.text + letter, folded: together, stop: last.stop + letter.length });
  }
  return pieces;
}

function newPiece(text, last) {
  const [start, place] = last ? [last.stop, last.place + last.folded.length] : [0, 0];
  return { text, start, stop: start + text.length, place, folded: folded(text) };
}
