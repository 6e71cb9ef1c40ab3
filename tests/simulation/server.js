/* The server as the page knows it: the wire of docs/wire.md over a table in memory. It can be killed, frozen and
   started again; what it has acknowledged it keeps. */

const LIMIT = 200;
const HEARTBEAT_MS = 6000;
const FLOOR_AFTER = 400; // changes

export class Server {
  state = "up"; // "down", "frozen"
  rows = new Map(); // id → the comment, with `state` and `author`
  #lets;
  #time;
  #chance;
  #clock = 1000;
  #floor = 0;
  #sockets = new Set();
  #waiting = []; // what has come while it was frozen
  isStrict = true; // holds, refuses and slows down now and then
  mayForget = true;

  /** `lets(address, comment)`: whether the view of an address shows it. */
  constructor(time, chance, lets) {
    this.#lets = lets;
    this.#time = time;
    this.#chance = chance;
    this.#beat();
  }

  // What happens to it

  kill() {
    this.thaw();
    this.state = "down";
    for (const socket of [...this.#sockets]) socket.isCut(1006);
    this.#sockets.clear();
  }

  start() {
    if (this.state === "down") this.state = "up";
  }

  freeze() {
    if (this.state === "up") this.state = "frozen";
  }

  thaw() {
    if (this.state !== "frozen") return;
    this.state = "up";
    this.#waiting.splice(0).forEach((run) => run());
    this.#push();
  }

  // What others do

  post(comment, author) {
    const earlier = this.rows.get(comment.id);
    if (earlier) return this.#repeated(earlier, comment, author);
    if (comment.text.includes("REFUSED")) return error(this.#chance.one([403, 422, 413]), "refused");
    if (this.isStrict && this.#chance.is(0.03)) return error(429, "rate_limited", { "Retry-After": "4" });
    const isHeld = this.isStrict && this.#chance.is(0.04);
    this.#change({ ...comment, author, state: isHeld ? "held" : "visible", timestamp: isHeld ? null : ++this.#clock });
    return isHeld ? answer(202, { id: comment.id, reason: "held" }) : answer(201, this.#shown(comment.id));
  }

  moderate() {
    const row = this.#chance.one([...this.rows.values()]);
    if (row === undefined) return;
    if (row.state === "held") this.decide(row);
    else if (row.state === "visible") this.#change({ ...row, state: "hidden" });
    else this.#change({ ...row, state: "visible", timestamp: row.timestamp ?? ++this.#clock });
  }

  decide(row) {
    if (this.#chance.is(0.7)) this.#change({ ...row, state: "visible", timestamp: ++this.#clock });
    else this.rows.set(row.id, { ...row, state: "hidden" }); // nobody is told: nobody has seen it
  }

  forget() {
    if (this.mayForget && this.rows.size > 0) this.#floor = this.#clock - FLOOR_AFTER;
  }

  /** Oldest first. */
  get visible() {
    const visible = [...this.rows.values()].filter(({ state }) => state === "visible");
    return visible.sort((one, other) => one.timestamp - other.timestamp);
  }

  // What it is asked. `reply(answer)` is called at most once, perhaps much later.

  handle({ url, method, body, author }, reply) {
    if (this.state === "frozen") this.#waiting.push(() => this.handle({ url, method, body, author }, reply));
    else if (this.state === "down") reply(null);
    else this.#handle(new URL(url, "http://server"), method, body, author, reply);
  }

  #handle({ pathname, searchParams }, method, body, author, reply) {
    if (this.isStrict && this.#chance.is(0.01)) return reply(error(503, "unavailable", { "Retry-After": "2" }));
    if (method === "POST") return reply(this.post(JSON.parse(body), author));
    if (pathname === "/api/comments/health") return reply(answer(200, {}));
    if (pathname === "/api/changes") return this.#changes(searchParams, reply);
    if (pathname === "/api/comments") return reply(this.#list(searchParams));
    const row = this.rows.get(pathname.split("/").at(-1));
    return reply(row?.state === "visible" ? answer(200, this.#shown(row.id)) : error(404, "not_found"));
  }

  #list(parameters) {
    const limit = Number(parameters.get("limit"));
    const view = parameters.get("view") ?? "";
    const visible = this.visible.filter((row) => this.#lets(view, row));
    const comments = visible.slice(-limit).map(({ id }) => this.#shown(id));
    return answer(200, { comments, hasMore: visible.length > limit, cursor: this.#clock });
  }

  #changes(parameters, reply) {
    const after = Number(parameters.get("after"));
    if (after < this.#floor) return reply(error(410, "cursor_too_old"));
    const envelope = this.envelope(after);
    const waitMs = 1000 * Number(parameters.get("wait") ?? 0);
    if (waitMs === 0 || envelope.changes.length > 0) return reply(answer(200, envelope));
    const isOver = this.#time.now + waitMs;
    const look = () => {
      if (this.state === "down") return reply(null);
      if (this.state === "frozen") return this.#waiting.push(look);
      const envelope = this.envelope(after);
      if (envelope.changes.length > 0 || this.#time.now >= isOver) return reply(answer(200, envelope));
      this.#time.in(500, look);
    };
    look();
  }

  envelope(after) {
    const changed = [...this.rows.values()].filter(({ version, timestamp }) => version > after && timestamp !== null);
    changed.sort((one, other) => one.version - other.version);
    const part = changed.slice(0, LIMIT);
    const hasMore = part.length < changed.length;
    const cursor = hasMore ? part.at(-1).version : this.#clock;
    return { after, cursor, changes: part.map(({ id }) => this.#told(id)), hasMore, pollAfterMs: 5000 };
  }

  // WebSockets: `{ after, bring(envelope), isCut(code) }`

  open(socket) {
    if (this.state === "frozen") return this.#waiting.push(() => this.open(socket));
    if (this.state === "down") return socket.isCut(1006);
    if (socket.after < this.#floor) return socket.isCut(4410);
    this.#sockets.add(socket);
    this.#send(socket, true);
  }

  close(socket) {
    this.#sockets.delete(socket);
  }

  #beat() {
    this.#time.in(HEARTBEAT_MS, () => {
      if (this.state === "up") this.#sockets.forEach((socket) => this.#send(socket, true));
      this.#beat();
    });
  }

  #push() {
    if (this.state === "up") this.#sockets.forEach((socket) => this.#send(socket, false));
  }

  #send(socket, isSign) {
    const envelope = this.envelope(socket.after);
    if (!isSign && envelope.changes.length === 0) return;
    socket.after = envelope.cursor;
    socket.bring(envelope);
    if (envelope.hasMore) this.#send(socket, false);
  }

  #change(row) {
    this.rows.set(row.id, { ...row, version: ++this.#clock });
    this.#time.in(0, () => this.#push());
  }

  #repeated(earlier, comment, author) {
    if (earlier.author !== author || earlier.text !== comment.text) return error(409, "id_taken");
    if (earlier.state === "hidden") return error(403, "removed");
    return earlier.state === "held" ? answer(202, { id: earlier.id, reason: "held" }) : answer(200, this.#shown(earlier.id));
  }

  #shown(id) {
    const { text, username, color, timestamp, version } = this.rows.get(id);
    return { id, text, username, color, timestamp, version };
  }

  #told(id) {
    const { state, version } = this.rows.get(id);
    return state === "visible" ? this.#shown(id) : { id, version, removed: true };
  }
}

function answer(status, body, headers = {}) {
  return { status, headers, text: JSON.stringify(body) };
}

function error(status, code, headers) {
  return answer(status, { error: `No: ${code}.`, code }, headers);
}
