/* Comments as people and programs keep them. Pure. */

import { neutral } from "./direction.js";
import { iso } from "./times.js";

const FIELDS = "id text timestamp username color domain language message-type misc replyTo".split(" ");

/** A line for each, "2018-01-31 14:05 UTC name: text"; what is of several lines is set in below its first. */
export function asText(comments) {
  return comments.map((comment) => `${lineOf(comment)}\n`).join("");
}

/** As the API gives them; what the page does not know of one is not there. */
export function asJson(comments) {
  const kept = (comment) => Object.fromEntries(FIELDS.filter((name) => name in comment).map((name) => [name, comment[name]]));
  return `${JSON.stringify(comments.map(kept), null, 2)}\n`;
}

function lineOf({ timestamp, username, text }) {
  const at = iso(timestamp).slice(0, 16).replace("T", " ");
  return `${at} UTC ${neutral(username)}: ${neutral(text).replaceAll("\n", "\n    ")}`;
}
