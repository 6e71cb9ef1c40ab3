/* The wire: the few requests that this page makes, their time limits, and their errors as one kind of object. */

import { said, t } from "../state/language.js";

const COMMENTS = "/api/comments";
const HEALTH = "/api/comments/health";
const CHANGES = "/api/changes";

const READ_TIMEOUT_MS = 10_000;
const POST_TIMEOUT_MS = 15_000;

const FIRST_LOAD = 500;
const OLDER = 200;
const NEWER = 200;
const CHANGES_AT_ONCE = 200;

/** `status` 0: no answer came. `code` is the server's own, or "no_answer", "timeout", "offline", "unreachable".
    `sentence` is for people; `retryAfterMs` is 0 unless the server gave a time. */
export class ApiError extends Error {
  constructor({ status = 0, code, sentence, retryAfterMs = 0 }) {
    super(sentence);
    Object.assign(this, { status, code, sentence, retryAfterMs });
  }
}

export class Api {
  /** What the lists are asked for: an address of grammar.js. */
  view = "";
  #world;
  #onDate;

  /** `onDate(header)` hears each answer's own idea of what time it is. */
  constructor(world, onDate = () => {}) {
    this.#world = world;
    this.#onDate = onDate;
  }

  newest() {
    return this.#list({ limit: FIRST_LOAD });
  }

  before(timestamp) {
    return this.#list({ before: timestamp, limit: OLDER, fresh: true });
  }

  /** What follows a timestamp, oldest first, as it is now; with whether that was all. */
  async after(timestamp) {
    const comments = await this.#list({ after: timestamp, limit: NEWER, fresh: true });
    return { comments, isComplete: comments.length < NEWER };
  }

  /** A comment with all that stands around it; else an ApiError with status 404. */
  async around(id) {
    const { hasNewer, ...page } = await this.#get(COMMENTS, { around: id, limit: OLDER, fresh: true });
    return { ...page, isOlder: hasNewer };
  }

  /** With `waitSeconds` the server answers when there is news, or when the time is up. */
  changes(cursor, { waitSeconds = 0, signal } = {}) {
    const parameters = { after: cursor, limit: CHANGES_AT_ONCE };
    if (waitSeconds === 0) return this.#get(CHANGES, parameters);
    const timeoutMs = READ_TIMEOUT_MS + 1000 * waitSeconds;
    return this.#get(CHANGES, { ...parameters, wait: waitSeconds }, timeoutMs, { signal });
  }

  /** The one comment if it is to be seen; else an ApiError with status 404. */
  one(id) {
    return this.#get(`${COMMENTS}/${encodeURIComponent(id)}`, {});
  }

  /** Ask for nothing but the time, which `onDate` hears. */
  async time() {
    try {
      await this.#get(HEALTH, {});
    } catch {
      // Then the next comment tells.
    }
  }

  /** Post a comment under an id of our making, which makes it safe to post it again; whether it is held for review. */
  async post({ id, text, username, color, replyTo }) {
    const { status, body } = await this.#request(COMMENTS, POST_TIMEOUT_MS, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id, text, username, color, replyTo }),
    });
    if (body?.id !== id) throw noAnswer(status); // of somebody who stands in between
    return { isHeld: status === 202 };
  }

  /** Tell the moderators of a comment. A second time changes nothing. */
  async report(id, { reason, note }) {
    await this.#request(`${COMMENTS}/${encodeURIComponent(id)}/report`, POST_TIMEOUT_MS, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ reason, note }),
    });
  }

  #list(parameters) {
    return this.#get(COMMENTS, this.view === "" ? parameters : { ...parameters, view: this.view });
  }

  async #get(path, parameters, timeoutMs = READ_TIMEOUT_MS, options = {}) {
    const { body } = await this.#request(`${path}?${new URLSearchParams(parameters)}`, timeoutMs, options);
    return body;
  }

  async #request(url, timeoutMs, options = {}) {
    const { response, body } = await this.#answer(url, timeoutMs, options);
    this.#onDate(response.headers.get("Date"));
    if (response.ok && body !== null) return { status: response.status, body };
    if (typeof body?.code !== "string") throw noAnswer(response.status);
    throw new ApiError({
      status: response.status,
      code: body.code,
      sentence: said(String(body.error)),
      retryAfterMs: 1000 * (Number(response.headers.get("Retry-After")) || 0),
    });
  }

  async #answer(url, timeoutMs, options) {
    const abort = new AbortController();
    const timer = this.#world.later(() => abort.abort(), timeoutMs);
    options.signal?.addEventListener("abort", () => abort.abort());
    try {
      const response = await this.#world.fetch(url, { credentials: "omit", ...options, signal: abort.signal });
      return { response, body: parsed(await response.text()) };
    } catch {
      throw this.#unanswered(abort.signal.aborted);
    } finally {
      this.#world.cancel(timer);
    }
  }

  #unanswered(isTimeout) {
    if (isTimeout) return new ApiError({ code: "timeout", sentence: t("The server did not answer in time.") });
    if (!this.#world.isOnline) return new ApiError({ code: "offline", sentence: t("You are offline.") });
    return new ApiError({ code: "unreachable", sentence: t("The server could not be reached.") });
  }
}

function noAnswer(status) {
  return new ApiError({ status, code: "no_answer", sentence: t("The server gave no answer that makes sense.") });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
