/* How names and words are compared: case, width and the way in which a letter is composed make no difference. Pure; the
   twin of comments/folding.py. */

const ASCII = /^[\0-\x7f]*$/;
const CHEROKEE = /\p{Script=Cherokee}/u; // the only script that is folded to its capitals
const JOINERS = /[\u200c\u200d]/g;

export function folded(text) {
  if (ASCII.test(text)) return text.toLowerCase();
  return Array.from(text.normalize("NFKC"), foldedLetter).join("").normalize("NFKC");
}

/** What filters compare of a name. The twin of `username_key` in cleaning.py. */
export function keyOf(name) {
  return folded(name).replace(JOINERS, "");
}

/** Letter by letter, because a sigma at the end of a word is another one. There and back, because some letters have no
    capital but two: ß. */
function foldedLetter(letter) {
  if (letter === "ı") return letter;
  if (CHEROKEE.test(letter)) return letter.toUpperCase();
  return letter.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
}
