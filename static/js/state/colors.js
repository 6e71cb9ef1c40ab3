/* Colours of names: nine digits RRRGGGBBB, as everywhere in the stream. */

const HUES = 48;
const HEX = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i;
const RGB = /^rgb\( *([0-9]{1,3}) *, *([0-9]{1,3}) *, *([0-9]{1,3}) *\)$/;
const DIGITS = /^([0-9]{3})([0-9]{3})([0-9]{3})$/;
const [DARK, BRIGHT] = [240, 345]; // the sum of the strongest and the weakest part, from 0 to 510
const LIVELY = [
  [30, 150],
  [70, 230],
  [130, 255],
]; // the weakest and the strongest part of a lively colour, by its tone

/** The classes in colors.css for a colour. The twin of the `hue_class` filter of the templates. */
export function hueClass(color) {
  const all = parts(color);
  return `hue-${hue(...all)}${tone(Math.max(...all) + Math.min(...all))}`;
}

/** Integers only, to be equal everywhere. */
function hue(red, green, blue) {
  const high = Math.max(red, green, blue);
  const chroma = high - Math.min(red, green, blue);
  if (chroma < 24 || chroma * 6 < high) return "grey";
  let sixths;
  if (high === red) sixths = (green - blue + 6 * chroma) % (6 * chroma);
  else if (high === green) sixths = blue - red + 2 * chroma;
  else sixths = red - green + 4 * chroma;
  return Math.floor((sixths * HUES + 3 * chroma) / (6 * chroma)) % HUES;
}

function tone(lightness) {
  if (lightness < DARK) return " tone-dark";
  return lightness < BRIGHT ? "" : " tone-bright";
}

export function toHex(color) {
  return `#${parts(color).map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

export function fromHex(hex) {
  return [1, 3, 5].map((at) => String(parseInt(hex.slice(at, at + 2), 16)).padStart(3, "0")).join("");
}

/** The nine digits for `#rrggbb`, `rgb(r, g, b)` or nine digits; null for anything else. The twin of `canonical` in
    comments/text/color.py. */
export function canonical(color) {
  const [, ...digits] = DIGITS.exec(color) ?? RGB.exec(color) ?? [];
  const [, ...hex] = HEX.exec(color) ?? [];
  const all = [...digits.map(Number), ...hex.map((part) => parseInt(part, 16))];
  return all.length === 3 && Math.max(...all) <= 255 ? all.map((part) => String(part).padStart(3, "0")).join("") : null;
}

/** A lively colour; `turn` and `shade`, from 0 to 1, choose its hue and its tone. */
export function livelyColor(turn, shade) {
  const sixth = turn * 6;
  const [low, high] = LIVELY[Math.floor(shade * LIVELY.length)];
  const part = (offset) => Math.abs(((sixth + offset) % 6) - 3) - 1;
  return [0, 4, 2].map((offset) => String(Math.round(low + (high - low) * clamp(part(offset)))).padStart(3, "0")).join("");
}

function parts(color) {
  return [0, 3, 6].map((at) => Number(color.slice(at, at + 3)));
}

function clamp(value) {
  return Math.min(1, Math.max(0, value));
}
