/* Sends what is pressed without leaving the page. Whatever the server answers but "done", a question, a sign-in, the
   form itself is sent for: the server's pages know what to do then. */

import { isSettled } from "./rows.js";

const TIMEOUT_MS = 60_000; // thousands of comments take their time

export function sendInPlace(form, onDone) {
  form.addEventListener("click", holdBackMisplaced);
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button?.name) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, button));
    button.disabled = true;
    const said = await sent(form.action, body);
    button.disabled = false;
    if (said) done(form, said, onDone);
    else sendForm(form, button);
  });
}

/** A finger that was on its way presses what has just come there. A key, which has no place, means the row with the focus. */
function holdBackMisplaced(event) {
  const isOfFinger = event.detail > 0;
  if (isOfFinger && event.target.closest(".row button") && !isSettled()) event.preventDefault();
}

async function sent(address, body) {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(address, { method: "POST", body, headers: { "X-Desk": "1" }, signal });
    if (!response.ok || response.redirected) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html").querySelector("body > #said");
  } catch {
    return null;
  }
}

function done(form, said, onDone) {
  form.querySelector("#said").replaceWith(document.importNode(said, true));
  form.querySelectorAll("[name=chosen]").forEach((box) => (box.checked = false));
  onDone();
}

function sendForm(form, button) {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
  form.append(field);
  form.submit();
  field.remove();
}
