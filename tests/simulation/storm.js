/* One storm, decided by its seed: browsers with several tabs, a network that delays, reorders, doubles, swallows and
   stalls, a server that is killed, frozen and started again, moderators, sleep. When it is over, what each tab shows is
   what the server has, and what was sent is there once, in order.

   Each tab looks at a view of the stream, now at this, now at that; what it shows is what the view lets through.

   The tabs run the page's own modules: `Session` of static/js/server/session.js and all below it. */

import { Browser } from "./browser.js";
import { Server } from "./server.js";
import { Chance, Time } from "./time.js";

const STORM_MS = 45_000;
const CALM_MS = 200_000; // at most
const LOOK_MS = 1000;
const FRAME_MS = 16;
const BETWEEN_POSTS_MS = 250;
const VIEWS = ["", "", "u=Eve", "-u=ada", "-word=2", "word=1+others&-u=bob", "search=1", "u=Eve&filteractive=false"];
const CERTAIN_MS = 10_000 + 200; // and what the tabs need to tell each other

/** Plays the storm of a seed; returns what is wrong after it, in words: nothing, if all is well. `lets(address, comment)`: whether
    the view of an address shows it. */
export async function play(seed, { Session, lets, settle }) {
  const storm = new Storm(seed, Session, lets, settle);
  try {
    await storm.rage();
    return await storm.calm();
  } catch (error) {
    return [`at ${Math.round(storm.time.now)} ms: ${error.stack}`];
  }
}

class Storm {
  #chance;
  #settle;
  #Session;
  #lets;
  #posts = []; // { text, browser }
  #postedAt = new Map();
  #lies = [];
  #number = 0;

  constructor(seed, Session, lets, settle) {
    this.#chance = new Chance(seed);
    this.#settle = settle;
    this.#Session = Session;
    this.#lets = lets;
    this.time = new Time();
    this.server = new Server(this.time, this.#chance, lets);
    const names = ["ada", "bob"].slice(0, this.#chance.is(0.3) ? 2 : 1);
    this.browsers = names.map((name) => this.#browser(name));
  }

  #browser(name) {
    const { time, server } = this;
    const browser = new Browser({ name, time, server, chance: this.#chance, newSession: (tab) => this.#session(tab) });
    for (let tabs = this.#chance.one([1, 1, 2, 3]); tabs > 0; tabs -= 1) browser.open();
    return browser;
  }

  #session(tab) {
    const session = new this.#Session({
      world: tab,
      box: tab.box,
      onLoaded: () => this.#check(tab),
      onChanges: () => {
        this.#check(tab);
        tab.later(() => session.release(), FRAME_MS);
      },
      onLeftOut: () => {},
      onAnnouncement: () => {},
      onOutbox: () => {},
      onRefused: ({ id, text }) => {
        tab.refused.push(text);
        this.refused.add(text);
        session.outbox.drop(id);
      },
      onPause: () => {},
      onConnection: () => {},
      onDate: () => {},
    });
    tab.onStorage((key) => session.hear(key));
    this.#choose(tab, session);
    return session;
  }

  #choose(tab, session) {
    tab.view = this.#chance.one(VIEWS);
    session.look((comment) => this.#lets(tab.view, comment), tab.view);
  }

  /** What is left out goes at once, what is lacking is loaded. */
  look(tab) {
    if (tab === undefined || tab.isFrozen) return;
    this.#choose(tab, tab.session);
    tab.session.loadAfresh();
  }

  refused = new Set();

  // The storm

  async rage() {
    const until = this.time.now + STORM_MS;
    while (this.time.now < until) {
      this.#chance.one(ACTIONS)(this, this.#chance.one(this.browsers), this.#chance);
      await this.#pass(this.#chance.between(20, 1200));
    }
  }

  async #pass(milliseconds) {
    const until = this.time.now + milliseconds;
    while (this.time.now < until) {
      await this.time.pass(Math.min(LOOK_MS, until - this.time.now), this.#settle);
      this.browsers.forEach((browser) => browser.tabs.forEach((tab) => this.#look(tab, browser)));
    }
  }

  post(browser, isRefused = false) {
    const awake = browser.tabs.filter((tab) => !tab.isFrozen);
    const last = this.#postedAt.get(browser) ?? -Infinity;
    if (awake.length === 0 || this.time.now - last < BETWEEN_POSTS_MS) return;
    this.#postedAt.set(browser, this.time.now);
    const text = `${isRefused ? "REFUSED " : ""}${browser.name} ${++this.#number}`;
    this.#posts.push({ text, browser });
    this.#chance.one(awake).session.send({ text, username: browser.name, color: "255000000" });
  }

  postOfOthers() {
    const id = `other-${++this.#number}`;
    const comment = { id, text: `of others ${this.#number}`, username: "Eve", color: "000255000" };
    if (this.server.state === "up") this.server.post(comment, "elsewhere");
  }

  /** At any moment: in order, and each once. */
  #check(tab) {
    const { comments } = tab.session.stream;
    for (let at = 1; at < comments.length; at += 1) {
      if (comments[at - 1].timestamp >= comments[at].timestamp) throw new Error(`${tab.name} shows them out of order`);
    }
    if (new Set(comments.map(({ id }) => id)).size < comments.length) throw new Error(`${tab.name} shows one twice`);
  }

  /** Who says "live" has heard of the server. */
  #look(tab, browser) {
    if (tab.isFrozen || tab.session.state !== "live") return;
    const silence = this.time.now - browser.heardAt;
    if (silence > CERTAIN_MS) this.#lies.push(`${tab.name} said "live" after ${Math.round(silence)} ms of silence`);
  }

  // What is left when it is over

  async calm() {
    this.server.start();
    this.server.thaw();
    this.server.isStrict = this.server.mayForget = false;
    for (const browser of this.browsers) settleDown(browser);
    await this.#pass(1000);
    [...this.server.rows.values()].filter(({ state }) => state === "held").forEach((row) => this.server.decide(row));
    const until = this.time.now + CALM_MS;
    let wrong = this.#wrong();
    while (wrong.length > 0 && this.time.now < until) {
      await this.#pass(5000);
      for (const row of this.server.rows.values()) if (row.state === "held") this.server.decide(row);
      wrong = this.#wrong();
    }
    return [...this.#lies, ...wrong];
  }

  #wrong() {
    const tabs = this.browsers.flatMap(({ tabs }) => tabs);
    const truth = (tab) => this.server.visible.filter((row) => this.#lets(tab.view, row)).map(({ text }) => text);
    return [...tabs.flatMap((tab) => wrongWith(tab, truth(tab), this.server)), ...this.browsers.flatMap((browser) => this.#wrongFor(browser))];
  }

  #wrongFor(browser) {
    const rows = [...this.server.rows.values()];
    const sent = this.#posts.filter((post) => post.browser === browser).map(({ text }) => text);
    const times = (text) => rows.filter((row) => row.text === text).length;
    const lost = sent.filter((text) => times(text) === 0 && !this.refused.has(text));
    const doubled = sent.filter((text) => times(text) > 1 || (times(text) > 0 && text.startsWith("REFUSED")));
    const came = rows.filter((row) => sent.includes(row.text)).map(({ text }) => text); // a Map keeps their order
    const inOrder = sent.filter((text) => times(text) > 0);
    return [
      ...lost.map((text) => `"${text}" was lost`),
      ...doubled.map((text) => `"${text}" was stored twice`),
      ...(came.join() === inOrder.join() ? [] : [`${browser.name} sent ${inOrder.join()}, stored is ${came.join()}`]),
    ];
  }
}

function wrongWith(tab, truth, server) {
  const { stream, outbox, state } = tab.session;
  const shown = stream.comments.map(({ text }) => text);
  // From another network nobody can ask what became of one that a moderator has decided against.
  const isUnknown = ({ id, state }) => state === "held" && server.rows.get(id).state === "hidden";
  const left = outbox.entries.filter((entry) => entry.state !== "refused" && !isUnknown(entry));
  return [
    ...(shown.join() === truth.join() ? [] : [`${tab.name} shows ${shown.join()}, the server has ${truth.join()}`]),
    ...left.map(({ text, state }) => `${tab.name} still has "${text}" in its outbox: ${state}`),
    ...(tab.isHidden || state === "live" ? [] : [`${tab.name} says "${state}"`]),
  ];
}

function settleDown(browser) {
  browser.network = { slowest: 60, lost: 0, doubled: 0, isStalled: false };
  browser.setOnline(true);
  browser.tabs.forEach((tab) => tab.thaw(false));
  if (browser.tabs.length === 0) browser.open();
  browser.tabs[0].show(false);
}

const often = (action, times) => Array.from({ length: times }, () => action);

const ACTIONS = [
  ...often((storm, browser) => storm.post(browser), 14),
  ...often((storm, browser) => storm.post(browser, true), 1),
  ...often((storm) => storm.postOfOthers(), 8),
  ...often((storm) => storm.server.moderate(), 3),
  ...often((storm) => storm.server.kill(), 1),
  ...often((storm) => storm.server.start(), 4),
  ...often((storm) => storm.server.freeze(), 1),
  ...often((storm) => storm.server.thaw(), 2),
  ...often((storm, browser, chance) => storm.look(chance.one(browser.tabs)), 2),
  (storm) => storm.server.forget(),
  ...often((storm, browser) => browser.setOnline(false), 2),
  ...often((storm, browser) => browser.setOnline(true), 3),
  (storm, browser) => browser.moveToAnotherNetwork(),
  ...often((storm, browser, chance) => (browser.network.slowest = chance.one([30, 60, 500, 4000])), 2),
  ...often((storm, browser, chance) => (browser.network.lost = chance.one([0, 0, 0.1, 0.4])), 2),
  (storm, browser, chance) => (browser.network.doubled = chance.one([0, 0.3])),
  ...often((storm, browser, chance) => (browser.network.isStalled = chance.is(0.4)), 2),
  (storm, browser, chance) => (browser.network.isBlocked = chance.is(0.3)),
  (storm, browser) => browser.tabs.length < 4 && browser.open(),
  (storm, browser, chance) => browser.tabs.length > 0 && browser.close(chance.one(browser.tabs)),
  (storm, browser, chance) => reload(browser, chance),
  ...often((storm, browser, chance) => chance.one(browser.tabs)?.show(chance.is(0.5)), 2),
  (storm, browser, chance) => chance.one(browser.tabs)?.freeze(),
  ...often((storm, browser) => browser.tabs.forEach((tab) => tab.thaw(false)), 2),
  (storm, browser) => browser.tabs.forEach((tab) => tab.freeze()), // sleep …
  ...often((storm, browser) => browser.tabs.forEach((tab) => tab.thaw(true)), 2), // … and wake
];

function reload(browser, chance) {
  if (browser.tabs.length === 0) return;
  browser.close(chance.one(browser.tabs));
  browser.open();
}
