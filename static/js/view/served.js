/* What the server has put into the page: the comments with which the stream begins, so that they are not sent twice. */

import { idOf } from "./comment.js";

/** As the API's list: `{ comments, cursor, hasMore }`; `isOlder`: newer ones follow that are not in it; `view`: the
    address of what it shows. */
export function served({ dataset }, list) {
  return {
    comments: [...list.querySelectorAll(":scope > .comment")].map(commentOf),
    cursor: Number(dataset.cursor),
    hasMore: dataset.hasMore === "true",
    isOlder: dataset.isOlder === "true",
    view: dataset.view,
  };
}

function commentOf(item) {
  const part = (name) => item.querySelector(`.comment__${name}`);
  return {
    id: idOf(item),
    timestamp: Number(item.dataset.timestamp),
    color: item.dataset.color,
    username: part("name").textContent,
    text: part("text").textContent,
    "message-type": part("badge") === null ? "human" : "AI",
    replyTo: part("quote")?.pathname.slice("/c/".length),
    staff: !part("staff").hidden,
  };
}
