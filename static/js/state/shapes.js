/* How a text is set: a quoted line apart, what stands in backticks in a monospaced face, a few lone emoji large. Pure. The
   twin of comments/text/shapes.py: nothing is taken away and nothing added. */

const QUOTED = /(?:(?<![^\n])> [^\n]*(?:\n|$))+/g;
const CODE = /(?<!`)(`+)(?!`)[^`\n]+\1(?!`)/g;

const PICTURE = "[\\u231a-\\u23ff\\u2600-\\u27bf\\u2b1b-\\u2b55\\u{1f000}-\\u{1f1e5}\\u{1f200}-\\u{1f3fa}\\u{1f400}-\\u{1faff}]";
const AFTER = "[\\ufe0f\\u{1f3fb}-\\u{1f3ff}\\u{e0020}-\\u{e007f}]*";
const FLAG = "[\\u{1f1e6}-\\u{1f1ff}]{2}";
const KEYCAP = "[0-9#*]\\ufe0f?\\u20e3";
const LONE_EMOJI = new RegExp(`^(?:(?:${FLAG}|${KEYCAP}|${PICTURE}${AFTER}(?:\\u200d${PICTURE}${AFTER})*) ?){1,3}$`, "u");

/** The text in pieces of whole lines, in order, each with whether it is quoted: [[piece, isQuoted], …]. */
export function blocks(text) {
  return split(QUOTED, text);
}

/** The same for what is in backticks, which stay with it. */
export function runs(text) {
  return split(CODE, text);
}

/** Whether it is one to three emoji and nothing else. */
export function isLoneEmoji(text) {
  return LONE_EMOJI.test(text);
}

function split(pattern, text) {
  const pieces = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    pieces.push([text.slice(end, index), false], [found, true]);
    end = index + found.length;
  }
  return [...pieces, [text.slice(end), false]].filter(([piece]) => piece !== "");
}
