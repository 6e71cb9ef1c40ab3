/* What is shown, taken along: copied or saved. */

import { counted, t } from "../state/language.js";
import { asJson, asText } from "../state/transcript.js";
import { say } from "./parts.js";

const KEPT_MS = 10_000; // until the browser has it

/** `line` has the buttons and a place to say what became of it; `shown()`: the comments. */
export function takeAlong(line, shown) {
  const status = line.querySelector("[role=status]");
  line.addEventListener("click", async ({ target }) => {
    const take = TAKES[target.dataset.take];
    if (take) say(status, await take(shown()));
  });
}

const TAKES = {
  copy: async (comments) => {
    try {
      await navigator.clipboard.writeText(asText(comments));
      return counted(comments.length, "1 comment copied.", "{number} comments copied.");
    } catch {
      return t("This browser does not let the page copy.");
    }
  },
  text: (comments) => save(comments, asText(comments), "txt", "text/plain;charset=utf-8"),
  json: (comments) => save(comments, asJson(comments), "json", "application/json"),
};

function save(comments, content, extension, type) {
  const href = URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement("a"), { href, download: `comments.${extension}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
  return counted(comments.length, "1 comment saved.", "{number} comments saved.");
}
