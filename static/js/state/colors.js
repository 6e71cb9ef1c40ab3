/* Colours of names: nine digits RRRGGGBBB, as everywhere in the stream. */

const HUES = 24;

/** The class in colors.css for a colour. The twin of the `hue_class` filter of the templates: integers only. */
export function hueClass(color) {
  const [red, green, blue] = parts(color);
  const high = Math.max(red, green, blue);
  const chroma = high - Math.min(red, green, blue);
  if (chroma < 24 || chroma * 6 < high) return "hue-grey";
  let sixths;
  if (high === red) sixths = (green - blue + 6 * chroma) % (6 * chroma);
  else if (high === green) sixths = blue - red + 2 * chroma;
  else sixths = red - green + 4 * chroma;
  return `hue-${Math.floor((sixths * HUES + 3 * chroma) / (6 * chroma)) % HUES}`;
}

export function toHex(color) {
  return `#${parts(color).map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

export function fromHex(hex) {
  return [1, 3, 5].map((at) => String(parseInt(hex.slice(at, at + 2), 16)).padStart(3, "0")).join("");
}

/** A lively colour; its hue is `turn`, from 0 to 1. */
export function livelyColor(turn) {
  const sixth = turn * 6;
  const part = (offset) => Math.abs(((sixth + offset) % 6) - 3) - 1;
  return [0, 4, 2].map((offset) => String(Math.round(70 + 160 * clamp(part(offset)))).padStart(3, "0")).join("");
}

function parts(color) {
  return [0, 3, 6].map((at) => Number(color.slice(at, at + 3)));
}

function clamp(value) {
  return Math.min(1, Math.max(0, value));
}
