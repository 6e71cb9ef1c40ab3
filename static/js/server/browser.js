/* All that talking to the server asks of the browser: the network, a clock that nobody can set, timers, chance, locks, a
   channel to the other tabs. One object, so that a simulated storm can stand in its place. */

export const browser = {
  /** Milliseconds of a clock that only goes forward. */
  now: () => performance.now(),
  /** The clock of the wall: it may be set, but it also goes on while the computer sleeps. */
  wallNow: () => Date.now(),
  later: (then, milliseconds) => setTimeout(then, milliseconds),
  cancel: (timer) => clearTimeout(timer),
  random: () => Math.random(),
  newId,
  fetch: (url, options) => fetch(url, options),
  openSocket: (path) => new WebSocket(addressOf(path)),
  openChannel: (name) => new BroadcastChannel(name),
  /** Undefined where the browser has none, or keeps them from us. */
  get locks() {
    try {
      return navigator.locks;
    } catch {
      return undefined;
    }
  },
  get isOnline() {
    return navigator.onLine;
  },
  get isHidden() {
    return document.hidden;
  },
  /** `then(name)` hears of "online", "offline", "focus" and "visibilitychange". */
  onEvent(then) {
    for (const name of ["online", "offline", "focus"]) addEventListener(name, () => then(name));
    document.addEventListener("visibilitychange", () => then("visibilitychange"));
  },
  complain: (error) => console.error(error),
};

const ID_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const ID_RANDOM_LENGTH = 9;

/** An id that a comment keeps in all attempts to send it: the server stores it once. */
function newId() {
  const random = crypto.getRandomValues(new Uint32Array(ID_RANDOM_LENGTH));
  return `${Date.now()}-${[...random].map((number) => ID_ALPHABET[number % ID_ALPHABET.length]).join("")}`;
}

function addressOf(path) {
  const url = new URL(path, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
