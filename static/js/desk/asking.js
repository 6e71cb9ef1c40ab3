/* What the desk asks of the server. A question that the network has swallowed is given up: who waits for it for ever
   hears of nothing any more. */

/** Throws where there is no answer within so many milliseconds. */
export async function asked(address, timeoutMs, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(address, { ...options, signal: abort.signal });
    return { response, html: await response.text() };
  } finally {
    clearTimeout(timer);
  }
}
