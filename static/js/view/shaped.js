/* A text as DOM nodes: quoted lines, code, links. The twin of the `shaped` filter of the templates. */

import { blocks, runs } from "../state/shapes.js";
import { linked } from "./links.js";

/** The nodes for a text, ready to be put into an element; their textContent is the text. */
export function shaped(text) {
  return blocks(text).flatMap(([piece, isQuoted]) => (isQuoted ? wrapped("q", inline(piece)) : inline(piece)));
}

function inline(text) {
  return runs(text).flatMap(([piece, isCode]) => (isCode ? wrapped("code", [piece]) : linked(piece)));
}

function wrapped(tag, nodes) {
  const element = document.createElement(tag);
  element.replaceChildren(...nodes);
  return element;
}
