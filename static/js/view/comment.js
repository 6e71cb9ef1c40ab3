/* The one comment markup, templates/comments/_comment.html, filled in. Words go into text nodes only. */

import { hueClass } from "../state/colors.js";
import { neutral } from "../state/direction.js";
import { markPath } from "../state/marks.js";
import { isLoneEmoji } from "../state/shapes.js";
import { age, day, fullTime, isSameDay, iso } from "../state/times.js";
import { hasText } from "./clamp.js";
import { markFound } from "./marking.js";
import { beginQuote } from "./quotes.js";
import { shaped } from "./shaped.js";

const CONTINUED_WITHIN_MS = 5 * 60_000;
const ID_PREFIX = "comment-";

/** `now` is the time that the server has, for the age. */
export function newItem(template, comment, now) {
  const item = template.content.firstElementChild.cloneNode(true);
  fill(item, comment, now);
  return item;
}

export function fill(item, comment, now) {
  const hue = hueClass(comment.color);
  const part = (name) => item.querySelector(`.comment__${name}`);
  item.id = ID_PREFIX + comment.id;
  item.dataset.timestamp = comment.timestamp;
  item.dataset.color = comment.color;
  item.classList.toggle("comment--unreadable", comment.isUnreadable === true);
  drawMark(part("mark"), comment);
  part("name").className = `comment__name ${hue}`;
  part("name").textContent = neutral(comment.username);
  showBadge(part("badge"), comment);
  part("staff").hidden = !isOfStaff(comment);
  part("time").dateTime = iso(comment.timestamp);
  part("time").title = fullTime(comment.timestamp);
  part("time").textContent = age(comment.timestamp, now);
  part("text").replaceChildren(...shaped(neutral(comment.text)));
  part("text").classList.toggle("comment__text--emoji", isLoneEmoji(neutral(comment.text)));
  markFound(item, part("text"), comment.id);
  beginQuote(part("text"), part("quote"), comment.replyTo);
  part("report").href = `/c/${comment.id}/report`;
  hasText(item, comment.text);
}

/** It leads to who runs the bot. */
function showBadge(badge, { username, "message-type": type }) {
  if (type !== "AI") badge?.remove();
  else if (badge) badge.href = `/bots/${encodeURIComponent(username)}`;
}

/** Mark what depends on the comment above: a new day, or a name that need not be repeated. */
export function mark(item, comment, previous, now) {
  const isContinued = previous !== undefined && continues(comment, previous);
  item.classList.toggle("comment--continued", isContinued);
  if (!isOnDayOf(previous, comment)) item.dataset.day = day(comment.timestamp, now);
  else delete item.dataset.day;
}

/** The author's mark; the element is an SVG with one path, and its first class is its own. */
export function drawMark(svg, { username, color }) {
  svg.setAttribute("class", `${svg.classList[0]} ${hueClass(color)}`);
  svg.firstElementChild.setAttribute("d", markPath(neutral(username), color));
}

/** The id of the comment that an item shows. */
export function idOf(item) {
  return item.id.slice(ID_PREFIX.length);
}

/** The id of the comment in what may be the id of an item; else null. */
export function idIn(itemId) {
  return itemId.startsWith(ID_PREFIX) ? itemId.slice(ID_PREFIX.length) : null;
}

function continues(comment, previous) {
  return (
    !comment.replyTo &&
    comment.username === previous.username &&
    comment.color === previous.color &&
    comment["message-type"] === previous["message-type"] &&
    isOfStaff(comment) === isOfStaff(previous) &&
    comment.timestamp - previous.timestamp < CONTINUED_WITHIN_MS &&
    isOnDayOf(previous, comment)
  );
}

/** Only the server can say so, with nothing but `true`. */
function isOfStaff({ staff }) {
  return staff === true;
}

function isOnDayOf(previous, comment) {
  return previous !== undefined && isSameDay(comment.timestamp, previous.timestamp);
}
