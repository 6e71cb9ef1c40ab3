/* Characters that change the direction of what stands behind them: embeddings, overrides and isolates. Pure. */

const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** The text without them. The twin of comments/text/direction.py. */
export function neutral(text) {
  return text.replace(CONTROLS, "");
}
