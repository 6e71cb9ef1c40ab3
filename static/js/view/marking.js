/* What is searched for, marked in the texts. */

import { spans } from "../state/found.js";

let term = "";

/** From now on, in each text that is filled in. */
export function markFrom(search) {
  term = search;
}

export function markFound(element) {
  if (term === "") return;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) spans(node.data, term).reverse().forEach((span) => mark(node, span));
}

/** Those behind it have been marked already. */
function mark(node, [start, stop]) {
  node.splitText(stop);
  const found = node.splitText(start);
  const element = document.createElement("mark");
  found.replaceWith(element);
  element.append(found);
}
