/* What is searched for, marked in the texts, with a way to where it was said. */

import { spans } from "../state/found.js";
import { t } from "../state/language.js";
import { part } from "./parts.js";

let term = "";

/** From now on, in each text that is filled in. */
export function markFrom(search) {
  term = search;
}

/** `item` shows the comment with this id, `text` is the element of its text. */
export function markFound(item, text, id) {
  item.querySelector(".comment__here")?.remove();
  if (term === "") return;
  item.append(Object.assign(part("a", "comment__here", t("In context")), { href: `/c/${id}` }));
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
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
