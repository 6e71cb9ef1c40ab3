/* The desk, live: how its parts are wired. Without it the desk is a list and its forms. */

import { sendInPlace } from "./acts.js";
import { Feed } from "./feed.js";
import { listenToKeys } from "./keys.js";
import { keepingPlace, takeRows, takeWaiting, watchTouches } from "./rows.js";

const form = document.querySelector("#desk");
const list = document.querySelector("#rows");
const pill = document.querySelector("#pill");
const bulk = document.querySelector("#bulk");
const WORDS = { live: "live", "signed out": "signed out: reload the page", "no answer": "no answer" };
let unseen = 0;

const feed = new Feed(form.dataset.news, form.elements.seen.value, Number(form.dataset.pollAfterMs), take, say);

function take(news) {
  keepingPlace(() => {
    unseen += takeRows(list, news.querySelector("#changed"), form.dataset.follows === "true");
    const waits = document.querySelector("#waits");
    if (waits) takeWaiting(waits, news.querySelector("#waits"));
  });
  form.elements.seen.value = feed.cursor;
  const minute = document.querySelector("#minute");
  if (minute) minute.textContent = news.dataset.minute;
  showUnseen();
  showTicked();
}

function say(state) {
  const line = document.querySelector("#line");
  if (line && line.textContent !== WORDS[state]) line.textContent = WORDS[state];
}

function showUnseen() {
  if (list.getBoundingClientRect().top >= 0) unseen = 0;
  pill.hidden = unseen === 0;
  pill.textContent = `${unseen} new`;
}

function showTicked() {
  if (!bulk) return;
  const count = form.querySelectorAll("[name=chosen]:checked").length;
  bulk.hidden = count === 0;
  bulk.querySelector("#ticked").textContent = `${count} ticked:`;
}

/** What was ticked or chosen before this page was left is neither when one comes back to it. */
function startAfresh() {
  form.reset();
  showTicked();
}

pill.addEventListener("click", () => scrollTo(0, 0));
addEventListener("scroll", showUnseen, { passive: true });
addEventListener("pageshow", (event) => (event.persisted ? location.reload() : startAfresh()));
form.addEventListener("change", showTicked);
document.body.classList.add("desk--live");
watchTouches();
listenToKeys();
sendInPlace(form, () => {
  showTicked();
  feed.look();
});
startAfresh();
feed.look();
