/* A selection over several comments is copied as a transcript: a line "name: text" for each of them. */

export function copyAsTranscript(scroller) {
  document.addEventListener("copy", (event) => {
    const transcript = isWritten(event.target) ? null : transcriptOf(document.getSelection(), scroller);
    if (transcript === null) return;
    event.clipboardData.setData("text/plain", transcript);
    event.preventDefault();
  });
}

/** Null for what the browser copies well by itself: a part of one text, or something else. */
function transcriptOf(selection, scroller) {
  if (selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const items = [...scroller.querySelectorAll(".comment")].filter((item) => range.intersectsNode(item));
  const spoken = items.map((item) => [item, selectedOf(item, range)]).filter(([, text]) => text !== "");
  if (spoken.length === 0 || (spoken.length === 1 && beginsInText(range, spoken[0][0]))) return null;
  return spoken.map(([item, text]) => `${nameOf(item)}: ${text}`).join("\n");
}

function selectedOf(item, range) {
  const part = document.createRange();
  part.selectNodeContents(textOf(item));
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  return part.toString();
}

function beginsInText(range, item) {
  return textOf(item).contains(range.startContainer);
}

function nameOf(item) {
  return item.querySelector(".comment__name").textContent;
}

function textOf(item) {
  return item.querySelector(".comment__text");
}

function isWritten(target) {
  return target instanceof Element && target.matches("input, textarea");
}
