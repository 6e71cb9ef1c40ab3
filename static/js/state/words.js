/* What stands in the form, before it is sent. Pure. What the server refuses and no one sees, as pasting brings it, is
   taken out here; what one can see is never touched. */

export const LONGEST_TEXT = 1000; // code points, as the API counts
export const LONGEST_NAME = 16;

const LINE_BREAKS = /\r\n?|[\u2028\u2029]/g;
const UNSTORABLE = /[^\P{Cc}\n\t]|\p{Cs}|\p{Noncharacter_Code_Point}/gu;
// The same as INVISIBLE of cleaning.py.
const INVISIBLE =
  /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\uffa0\ufff0-\ufff8\u{e0000}-\u{e0fff}]/gu;
const UNFIT_FOR_NAME = /[^\P{Cf}\u200c\u200d]|[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|\p{Noncharacter_Code_Point}/gu;
// Between emoji and in some scripts one sees what they do.
const VAIN_JOINER = /(?<=^|[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}\p{P}\p{Z}])[\u200c\u200d]+|[\u200c\u200d]+$/gu;
const SELECTOR_ON_LETTER = /(?<!\p{S})[\ufe00-\ufe0f]/gu; // many emoji have one

export function cleanText(text) {
  return text.replace(LINE_BREAKS, "\n").replace(UNSTORABLE, "").trimEnd();
}

export function cleanName(name) {
  return [UNFIT_FOR_NAME, INVISIBLE, SELECTOR_ON_LETTER, VAIN_JOINER]
    .reduce((rest, unfit) => rest.replace(unfit, ""), name)
    .trim();
}

/** Whether comments can be sent under this name. */
export function isFitName(name) {
  return name !== "" && lengthOf(name) <= LONGEST_NAME;
}

/** In code points. */
export function lengthOf(text) {
  return [...text].length;
}
