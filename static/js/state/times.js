/* Times as people say them. Pure. The twin of the `age`, `iso` and `full_time` filters of the templates, but in local time. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTHS = (
  "January February March April May June July August September October November December"
).split(" ");

/** now, 5m, 3h; older than a day the time of day: the day itself stands above its first comment. */
export function age(timestamp, now) {
  const passed = now - timestamp;
  if (passed < MINUTE_MS) return "now";
  if (passed < HOUR_MS) return `${Math.floor(passed / MINUTE_MS)}m`;
  if (passed < DAY_MS) return `${Math.floor(passed / HOUR_MS)}h`;
  return timeOfDay(timestamp).slice(0, 5);
}

export function day(timestamp) {
  const at = new Date(timestamp);
  return `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
}

export function fullTime(timestamp) {
  return `${day(timestamp)}, ${timeOfDay(timestamp)}`;
}

export function iso(timestamp) {
  return new Date(timestamp).toISOString();
}

function timeOfDay(timestamp) {
  const at = new Date(timestamp);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
