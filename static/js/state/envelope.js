/* The envelopes of the change feed: `{after, cursor, changes, hasMore, pollAfterMs}`, whichever way they come. Pure.

   All changes above `after`, up to `cursor`. So a reader at a cursor between the two may take it in; one that is
   beyond has all of it; and one that is below would leave a hole. */

export const NEXT = "next";
export const KNOWN = "known";
export const GAP = "gap";

export function placeOf({ after, cursor }, reader) {
  if (reader === null || cursor <= reader) return KNOWN; // null: about to load afresh, which brings everything
  return after > reader ? GAP : NEXT;
}

/** The envelope, or an error: what is none must not move a cursor. */
export function checked(envelope) {
  const { after, cursor, changes } = envelope ?? {};
  if (Number.isInteger(after) && Number.isInteger(cursor) && Array.isArray(changes)) return envelope;
  throw new Error("This is not an envelope of the change feed.");
}
