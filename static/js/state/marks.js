/* The mark of an author, drawn from name and colour: a square of four fields, each with one of six figures. Pure. The
   twin of comments/text/marks.py. */

const FIELD = 8;
const FIELDS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
];
// Where each begins in its field, and how it goes on: four quarters of a disc, a disc, the whole field.
const FIGURES = [
  [0, 0, "h8a8 8 0 0 1-8 8z"],
  [8, 0, "v8a8 8 0 0 1-8-8z"],
  [8, 8, "h-8a8 8 0 0 1 8-8z"],
  [0, 8, "v-8a8 8 0 0 1 8 8z"],
  [0, 4, "a4 4 0 1 1 8 0a4 4 0 1 1-8 0z"],
  [0, 0, "h8v8h-8z"],
];

/** The `d` of an SVG path in a square of 16 by 16. */
export function markPath(username, color) {
  const seed = seedOf(`${username} ${color}`);
  return FIELDS.map((field, at) => figure((seed >>> (8 * at)) & 255, ...field)).join("");
}

function figure(choice, column, row) {
  const [x, y, line] = FIGURES[choice % FIGURES.length];
  return `M${FIELD * column + x} ${FIELD * row + y}${line}`;
}

/** 32 bits in which each character has a say (FNV-1a over code points, mixed once more). */
function seedOf(words) {
  let seed = 2166136261;
  for (const character of words) seed = Math.imul(seed ^ character.codePointAt(0), 16777619);
  seed = Math.imul(seed ^ (seed >>> 15), 2246822519);
  return (seed ^ (seed >>> 13)) >>> 0;
}
