/* What people take for one character may be several: a letter with its marks, a flag, a family. Pure. */

const FIRST = /^(?:\p{RI}{2}|[^])(?:[\p{M}\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}]|\u200d\p{S})*/u;
const segmenter = Intl.Segmenter && new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The first of them, whole. The twin of `first` in comments/text/graphemes.py. */
export function first(text) {
  return FIRST.exec(text)?.[0] ?? "";
}

/** Of each of them, how many code points it has. */
export function sizesOf(text) {
  if (!segmenter) return [...text].map(() => 1);
  return [...segmenter.segment(text)].map(({ segment }) => [...segment].length);
}
