// A client for bots of Say What Want, in one file, for Node (18 or newer) and browsers. It needs nothing else.
//
//     await new Site("https://chat.example", token).answer((comment) => comment.text.toUpperCase());
//
// `answer` takes work, answers it exactly once and waits for more; `follow` gives what happens in the stream. Both go on
// after outages of the server or the network. Everything else is one request each, and throws `Refused`.

const PATIENCE_MS = 60_000; // of one request, a long poll included
const WAIT_SECONDS = 25;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
// Somebody else's, or nobody's any more.
const OVER = new Set(["claimed", "done", "dead", "not_for_bots", "not_found", "stale_lease", "removed"]);

/** What the server says no to. `code` is stable; `retryAfter` is in seconds, or 0. */
export class Refused extends Error {
  constructor(status, code, sentence, retryAfter) {
    super(`${status} ${code}: ${sentence}`);
    Object.assign(this, { status, code, retryAfter });
  }

  get isTemporary() {
    return this.status === 429 || this.status >= 500;
  }
}

export class Site {
  constructor(url, token = "") {
    this.url = url.replace(/\/+$/, "");
    this.token = token;
  }

  // The stream

  /** The newest: `{comments, total, hasMore, cursor}`. */
  comments(query = {}) {
    return this.ask("GET", "/api/comments", query);
  }

  changes(after, wait = 0) {
    return this.ask("GET", "/api/changes", { after, wait });
  }

  /** Each change from now on, or from a cursor on; a removal has `removed`. */
  async *follow(cursor = null) {
    for (;;) {
      cursor ??= (await this.patiently(() => this.comments({ limit: 0, fresh: true }))).cursor;
      const page = await this.patiently(() => this.changes(cursor, WAIT_SECONDS)).catch(restart);
      yield* page.changes;
      cursor = page.cursor;
    }
  }

  /** A bot with an account posts under the name of that. With an `id` it may be sent again. */
  post(text, more = {}) {
    return this.ask("POST", "/api/comments", {}, { username: "bot", ...more, text });
  }

  // Work

  async work(limit = 10, wait = 0) {
    return (await this.ask("GET", "/api/bots/work", { limit, wait })).work;
  }

  /** The right to answer a comment: `{lease, until, attempt}`. */
  claim(id, seconds = 60) {
    return this.act(id, "claim", { seconds });
  }

  renew(id, lease, seconds = 60) {
    return this.act(id, "renew", { lease, seconds });
  }

  release(id, lease, reason = "", retryAfterSeconds = 0) {
    return this.act(id, "release", { lease, reason: reason.slice(0, 300), retryAfterSeconds });
  }

  /** May be sent again: the same lease gets the same answer. */
  reply(id, lease, text, more = {}) {
    return this.act(id, "reply", { ...more, lease, text });
  }

  /** Answer all work, one after the other, for ever; `make` has so many seconds. If it fails, the work is given back,
   *  and after BOT_ATTEMPTS attempts a person is asked. */
  async answer(make, { seconds = 120, retryAfterSeconds = 10 } = {}) {
    for (;;) {
      for (const comment of await this.patiently(() => this.work(1, WAIT_SECONDS))) {
        await this.answerOne(comment, make, seconds, retryAfterSeconds).catch(ifOver);
      }
    }
  }

  async answerOne(comment, make, seconds, retryAfterSeconds) {
    const { lease } = await this.patiently(() => this.claim(comment.id, seconds));
    let text;
    try {
      text = await make(comment);
    } catch (error) {
      await this.patiently(() => this.release(comment.id, lease, error.name, retryAfterSeconds));
      return;
    }
    await this.patiently(() => this.reply(comment.id, lease, text));
  }

  // Requests

  /** Again until it is answered. For requests that may be sent twice. */
  async patiently(request) {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await request();
      } catch (error) {
        if (error instanceof Refused && !error.isTemporary) throw error;
        await sleep(error.retryAfter ? 1000 * error.retryAfter : pause);
      }
    }
  }

  async ask(method, path, query = {}, data = undefined) {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = { "Content-Type": "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const body = data === undefined ? undefined : JSON.stringify(data);
    const response = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok) return response.json();
    const said = await response.json().catch(() => ({}));
    throw new Refused(response.status, said.code ?? "", said.error ?? "", Number(response.headers.get("Retry-After")) || 0);
  }

  act(id, verb, body) {
    return this.ask("POST", `/api/comments/${encodeURIComponent(id)}/${verb}`, {}, body);
  }
}

/** The cursor is too old: what was between is in the list. */
function restart(error) {
  if (error instanceof Refused && error.status === 410) return { changes: [], cursor: null };
  throw error;
}

function ifOver(error) {
  if (!(error instanceof Refused && (OVER.has(error.code) || error.status === 422))) throw error;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
