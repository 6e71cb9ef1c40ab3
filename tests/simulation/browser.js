/* A browser with its tabs: what they share, and the network between them and the server. Each tab is the world that
   static/js/server/browser.js is in a real one. */

const LOST_MS = 60_000; // until the browser itself gives up on what the network has swallowed

export class Browser {
  tabs = [];
  heardAt = -Infinity; // of the server
  isOnline = true;
  network = { slowest: 60, lost: 0, doubled: 0, isStalled: false };
  #storage = new Map();
  #locks = new Map(); // name → { holder, queue }
  #ids = 0;

  constructor({ name, time, chance, server, newSession }) {
    Object.assign(this, { name, time, chance, server, newSession });
    this.author = `${name}'s network`;
  }

  open() {
    const tab = new Tab(this, `${this.name}-${++this.#ids}`);
    this.tabs.push(tab);
    tab.start(new Map(this.#storage));
    return tab;
  }

  /** Closed by its user, or crashed: it is not asked. */
  close(tab) {
    tab.isAlive = false;
    this.tabs = this.tabs.filter((other) => other !== tab);
    tab.sockets.forEach((socket) => this.server.close(socket));
    for (const name of this.#locks.keys()) this.#leave(name, tab);
  }

  setOnline(isOnline) {
    this.isOnline = isOnline;
    if (!isOnline) for (const tab of this.tabs) if (this.chance.is(0.5)) tab.sockets.forEach((socket) => socket.isCut(1006));
    this.tabs.forEach((tab) => tab.hears(isOnline ? "online" : "offline"));
  }

  moveToAnotherNetwork() {
    this.author = `${this.name}'s network at ${this.time.now}`;
  }

  // Storage: each process has a copy of its own, and hears of the others' writes a moment later

  write(from, key, value) {
    put(this.#storage, key, value);
    for (const tab of this.tabs) {
      const hear = () => tab.copies(key, this.#storage.get(key));
      if (tab !== from) tab.later(hear, this.chance.between(0, 20), { lane: "tabs" });
    }
  }

  // Channels

  tell(from, data) {
    const text = JSON.stringify(data);
    for (const tab of this.tabs) {
      if (tab !== from) tab.later(() => tab.channel?.(JSON.parse(text)), this.chance.between(0, 20), { lane: "tabs" });
    }
  }

  // Locks, as navigator.locks

  request(tab, name, { steal = false, signal }, work) {
    return new Promise((resolve, reject) => {
      const lock = this.#lock(name);
      const claim = { tab, work, resolve, reject };
      signal?.addEventListener("abort", () => this.#giveUp(lock, claim));
      if (steal && lock.holder) {
        const robbed = lock.holder;
        lock.holder = null;
        robbed.tab.later(() => robbed.reject(abortError()), 1);
      }
      if (steal) lock.queue.unshift(claim);
      else lock.queue.push(claim);
      this.#grant(name);
    });
  }

  #lock(name) {
    if (!this.#locks.has(name)) this.#locks.set(name, { holder: null, queue: [] });
    return this.#locks.get(name);
  }

  #grant(name) {
    const lock = this.#lock(name);
    if (lock.holder || lock.queue.length === 0) return;
    const claim = (lock.holder = lock.queue.shift());
    claim.tab.later(async () => {
      const result = await claim.work();
      claim.resolve(result);
      if (lock.holder === claim) lock.holder = null;
      this.#grant(name);
    }, this.chance.between(0, 3));
  }

  #giveUp(lock, claim) {
    if (!lock.queue.includes(claim)) return;
    lock.queue = lock.queue.filter((other) => other !== claim);
    claim.reject(abortError());
  }

  #leave(name, tab) {
    const lock = this.#lock(name);
    lock.queue = lock.queue.filter((claim) => claim.tab !== tab);
    if (lock.holder?.tab === tab) lock.holder = null;
    this.#grant(name);
  }
}

class Tab {
  isAlive = true;
  isHidden = false;
  isFrozen = false;
  sockets = new Set();
  refused = [];
  channel = null;
  #slept = 0; // what its clock has missed
  #put = []; // what has to wait until it is thawed
  #latest = new Map(); // when the last in each lane is due
  #events = [];
  #storage;
  #storageListeners = [];

  constructor(browser, name) {
    Object.assign(this, { browser, name, time: browser.time, chance: browser.chance });
  }

  start(storage) {
    this.#storage = storage;
    this.session = this.browser.newSession(this);
    this.session.start();
  }

  /** In this tab, as long as there is one; in a `lane`, not before what was put into it earlier. */
  later(run, milliseconds, { lane } = {}) {
    const at = Math.max(this.#latest.get(lane) ?? 0, this.time.now + milliseconds);
    if (lane) this.#latest.set(lane, at);
    const event = this.time.in(at - this.time.now, () => this.#run(run));
    return event;
  }

  #run(run) {
    if (!this.isAlive) return;
    if (this.isFrozen) this.#put.push(run);
    else run();
  }

  freeze() {
    this.isFrozen = true;
    this.frozenAt = this.time.now;
  }

  /** `hasSlept`: its clock has stood still meanwhile. */
  thaw(hasSlept) {
    if (!this.isFrozen) return;
    this.isFrozen = false;
    if (hasSlept) this.#slept += this.time.now - this.frozenAt;
    this.#put.splice(0).forEach((run) => this.later(run, 0));
  }

  show(isHidden) {
    this.isHidden = isHidden;
    this.hears("visibilitychange");
  }

  hears(name) {
    this.later(() => this.#events.forEach((then) => then(name)), 0);
  }

  copies(key, value) {
    put(this.#storage, key, value);
    this.#storageListeners.forEach((then) => then(key));
  }

  // The world

  now() {
    return this.time.now - this.#slept;
  }

  wallNow() {
    return 1_700_000_000_000 + this.time.now;
  }

  cancel(event) {
    this.time.cancel(event);
  }

  random = () => this.chance.next();

  newId = () => `${this.name}-${Math.floor(1e9 * this.chance.next()).toString(36)}`;

  get isOnline() {
    return this.browser.isOnline;
  }

  get locks() {
    return { request: (name, options, work) => this.browser.request(this, name, options, work) };
  }

  onEvent(then) {
    this.#events.push(then);
  }

  openChannel() {
    return {
      addEventListener: (name, then) => (this.channel = (data) => then({ data })),
      postMessage: (data) => this.browser.tell(this, data),
      close: () => (this.channel = null),
    };
  }

  complain(error) {
    throw error;
  }

  get box() {
    return {
      keys: (prefix) => [...this.#storage.keys()].filter((key) => key.startsWith(prefix)),
      read: (key) => parsed(this.#storage.get(key) ?? "null"),
      write: (key, value) => this.#write(key, JSON.stringify(value)),
      remove: (key) => this.#storage.has(key) && this.#write(key, undefined),
    };
  }

  onStorage(then) {
    this.#storageListeners.push(then);
  }

  #write(key, value) {
    put(this.#storage, key, value);
    this.browser.write(this, key, value);
  }

  // The network

  fetch(url, { method = "GET", body, signal }) {
    const { server, network, author } = this.browser;
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(abortError()));
      if (!this.isOnline) return this.later(() => reject(new TypeError("offline")), 1);
      const request = { url, method, body, author };
      if (this.#isSwallowed()) return this.later(() => reject(new TypeError("lost")), LOST_MS);
      const arrive = () => server.handle(request, (answer) => this.#reply(answer, resolve, reject));
      this.time.in(this.chance.between(5, network.slowest), arrive);
      if (this.chance.is(network.doubled)) {
        this.time.in(this.chance.between(5, 4 * network.slowest), () => server.handle(request, () => {}));
      }
    });
  }

  #isSwallowed() {
    return this.browser.network.isStalled || this.chance.is(this.browser.network.lost);
  }

  #reply(answer, resolve, reject) {
    if (this.#isSwallowed() || !this.isOnline) return this.later(() => reject(new TypeError("lost")), LOST_MS);
    this.later(() => {
      if (answer === null) return reject(new TypeError("connection refused"));
      const { status, headers, text } = answer;
      this.browser.heardAt = this.time.now;
      resolve({
        status,
        ok: status >= 200 && status < 300,
        headers: { get: (name) => headers[name] ?? null },
        text: async () => text,
      });
    }, this.chance.between(5, this.browser.network.slowest));
  }

  openSocket(path) {
    return new SimulatedSocket(this, Number(new URLSearchParams(path.split("?")[1]).get("after")));
  }
}

/** In order, and not older than what came before; but it may fall silent without a word. */
class SimulatedSocket {
  readyState = 0;
  #listeners = { message: [], close: [], open: [] };
  #isDeaf = false;

  constructor(tab, after) {
    Object.assign(this, { tab, after });
    tab.sockets.add(this);
    const { network, server, isOnline } = tab.browser;
    if (!isOnline || network.isBlocked) tab.later(() => this.isCut(1006), 1);
    else if (!network.isStalled) tab.time.in(tab.chance.between(5, network.slowest), () => this.#arrive(server));
  }

  #arrive(server) {
    if (this.readyState === 0 && this.tab.isAlive) server.open(this);
  }

  addEventListener(name, then) {
    this.#listeners[name].push(then);
  }

  /** From the page: what it has taken in. */
  send() {}

  /** From the server. */
  bring(envelope) {
    const { tab } = this;
    const { network, isOnline } = tab.browser;
    if (tab.chance.is(network.lost / 4) || network.isStalled || !isOnline) this.#isDeaf = true;
    if (this.#isDeaf) return;
    const text = JSON.stringify(envelope);
    tab.later(() => this.#deliver(text), tab.chance.between(5, network.slowest), { lane: this });
  }

  #deliver(data) {
    if (this.readyState > 1) return;
    if (this.readyState === 0) {
      this.readyState = 1;
      this.#tell("open", {});
    }
    this.tab.browser.heardAt = this.tab.time.now;
    this.#tell("message", { data });
  }

  isCut(code) {
    this.tab.browser.server.close(this);
    this.tab.later(() => this.#close(code), this.tab.chance.between(1, 50), { lane: this });
  }

  #close(code) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.tab.sockets.delete(this);
    this.#tell("close", { code });
  }

  close() {
    this.tab.browser.server.close(this);
    this.readyState = 2;
    this.tab.later(() => this.#close(1000), 5);
  }

  #tell(name, event) {
    this.#listeners[name].forEach((then) => then(event));
  }
}

const known = new Map(); // text → value: nobody changes what was read, and the same is read over and over

function parsed(text) {
  if (!known.has(text)) {
    if (known.size > 1000) known.clear();
    known.set(text, JSON.parse(text));
  }
  return known.get(text);
}

function put(storage, key, value) {
  if (value === undefined) storage.delete(key);
  else storage.set(key, value);
}

function abortError() {
  return Object.assign(new Error("aborted"), { name: "AbortError" });
}
