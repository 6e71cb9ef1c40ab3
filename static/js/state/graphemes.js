/* What people take for one character may be several: a letter with its marks, a flag, a family. Pure. */

const segmenter = Intl.Segmenter && new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Of each of them, how many code points it has. */
export function sizesOf(text) {
  if (!segmenter) return [...text].map(() => 1);
  return [...segmenter.segment(text)].map(({ segment }) => [...segment].length);
}
