/* Work that only one tab of a browser does at a time. */

const PATIENCE_MS = 20_000; // longer than one request takes

/** Calls `work(isMine)` once no other tab does work of this name; resolves when it is over. `isMine()` turns false if
    another tab has taken over because this one, frozen perhaps, took too long. Where the browser has no locks, or keeps
    them from us, it is called at once. */
export async function exclusively(world, name, work) {
  const turn = { isMine: true, hasBegun: false };
  const begin = () => {
    turn.hasBegun = true;
    return work(() => turn.isMine);
  };
  try {
    await requested(world, name, turn, begin);
  } catch (error) {
    if (turn.hasBegun) turn.isMine = false;
    else if (error?.name === "AbortError") await stolen(world, name, turn, begin);
    else await begin();
  }
}

async function requested(world, name, turn, begin) {
  if (!world.locks) throw new Error("This browser has no locks.");
  const impatience = new AbortController();
  const timer = world.later(() => turn.hasBegun || impatience.abort(), PATIENCE_MS);
  try {
    await world.locks.request(name, { signal: impatience.signal }, begin);
  } finally {
    world.cancel(timer);
  }
}

async function stolen(world, name, turn, begin) {
  try {
    await world.locks.request(name, { steal: true }, begin);
  } catch {
    turn.isMine = false;
  }
}
