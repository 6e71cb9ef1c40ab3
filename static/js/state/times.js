/* Times as people say them. Pure. The twin of the `age`, `iso` and `full_time` filters of the templates, but in local time. */

import { locale, t } from "./language.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let format = "relative";
let dates; // how they are written here

/** As ages while that says something ("relative"), or always as the time of day, of "24" hours or of "12". */
export function showTimesAs(name) {
  format = name;
}

/** now, 5m; older than an hour the time of day: the day itself stands above its first comment. */
export function age(timestamp, now) {
  if (format !== "relative") return clock(timestamp);
  const passed = now - timestamp;
  if (passed < MINUTE_MS) return t("now");
  if (passed < HOUR_MS) return `${Math.floor(passed / MINUTE_MS)}m`;
  return clock(timestamp);
}

/** Today, Yesterday, or the date. */
export function day(timestamp, now) {
  const passed = Math.round((midnight(now) - midnight(timestamp)) / DAY_MS); // days are of 23 to 25 hours
  if (passed === 0) return t("Today");
  return passed === 1 ? t("Yesterday") : date(timestamp);
}

export function isSameDay(one, other) {
  return midnight(one) === midnight(other);
}

export function fullTime(timestamp) {
  return `${date(timestamp)}, ${timeOfDay(timestamp)}`;
}

export function iso(timestamp) {
  return new Date(timestamp).toISOString();
}

function date(timestamp) {
  dates ??= new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", year: "numeric" });
  return dates.format(timestamp);
}

function midnight(timestamp) {
  return new Date(timestamp).setHours(0, 0, 0, 0);
}

function clock(timestamp) {
  if (format !== "12") return timeOfDay(timestamp).slice(0, 5);
  return new Date(timestamp).toLocaleTimeString("en", { hour: "numeric", minute: "2-digit", hour12: true });
}

function timeOfDay(timestamp) {
  const at = new Date(timestamp);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
