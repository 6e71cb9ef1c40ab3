/* The wire: the few requests that this page makes, their time limits, and their errors as one kind of object. */

const COMMENTS = "/api/comments";
const CHANGES = "/api/changes";

const READ_TIMEOUT_MS = 10_000;
const POST_TIMEOUT_MS = 15_000;

const FIRST_LOAD = 500;
const OLDER = 200;
const NEWER = 200;
const CHANGES_AT_ONCE = 200;

/** `status` 0: no answer came. `sentence` is for people; `retryAfterMs` is 0 unless the server gave a time. */
export class ApiError extends Error {
  constructor({ status = 0, code, sentence, retryAfterMs = 0 }) {
    super(sentence);
    Object.assign(this, { status, code, sentence, retryAfterMs });
  }
}

export function newest() {
  return get(COMMENTS, { limit: FIRST_LOAD });
}

export function before(timestamp) {
  return get(COMMENTS, { before: timestamp, limit: OLDER, fresh: true });
}

/** What follows a timestamp, oldest first, as it is now; with whether that was all. */
export async function after(timestamp) {
  const comments = await get(COMMENTS, { after: timestamp, limit: NEWER, fresh: true });
  return { comments, isComplete: comments.length < NEWER };
}

/** With `waitSeconds` the server answers when there is news, or when the time is up. */
export function changes(cursor, { waitSeconds = 0, signal } = {}) {
  const parameters = { after: cursor, limit: CHANGES_AT_ONCE };
  if (waitSeconds === 0) return get(CHANGES, parameters);
  return get(CHANGES, { ...parameters, wait: waitSeconds }, READ_TIMEOUT_MS + 1000 * waitSeconds, { signal });
}

/** Post a comment under an id of our making, which makes it safe to post it again; whether it is held for review. */
export async function post(comment) {
  const { status, body } = await request(COMMENTS, POST_TIMEOUT_MS, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(comment),
  });
  return { isHeld: status === 202, reason: body.reason };
}

async function get(path, parameters, timeoutMs = READ_TIMEOUT_MS, options = {}) {
  const { body } = await request(`${path}?${new URLSearchParams(parameters)}`, timeoutMs, options);
  return body;
}

async function request(url, timeoutMs, options = {}) {
  const { response, body } = await answer(url, timeoutMs, options);
  if (response.ok && body !== null) return { status: response.status, body };
  throw new ApiError({
    status: response.status,
    code: body?.code ?? "no_answer",
    sentence: body?.error ?? "The server gave no answer that makes sense.",
    retryAfterMs: 1000 * (Number(response.headers.get("Retry-After")) || 0),
  });
}

async function answer(url, timeoutMs, options) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  options.signal?.addEventListener("abort", () => abort.abort());
  try {
    const response = await fetch(url, { credentials: "omit", ...options, signal: abort.signal });
    return { response, body: await jsonOf(response) };
  } catch {
    throw unanswered(abort.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

async function jsonOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unanswered(isTimeout) {
  if (isTimeout) return new ApiError({ code: "timeout", sentence: "The server did not answer in time." });
  if (!navigator.onLine) return new ApiError({ code: "offline", sentence: "You are offline." });
  return new ApiError({ code: "unreachable", sentence: "The server could not be reached." });
}
