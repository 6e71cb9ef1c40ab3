/* What the visitor has selected of one comment, when that is over: nothing moves under a hand that selects. */

const SETTLED_MS = 300;
const LONGEST = 100; // as a word of a view

/** `then(item, word)`: a piece of one line of its text; null and "" when there is none any more. */
export function onSelected(list, then) {
  let isPressed = false;
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    if (!isPressed) timer = setTimeout(() => then(...selectedIn(list)), SETTLED_MS);
  };
  const press = (event, isDown) => {
    isPressed = isDown && event.pointerType === "mouse";
    wait();
  };
  document.addEventListener("selectionchange", wait);
  document.addEventListener("pointerdown", (event) => press(event, true));
  for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, (event) => press(event, false));
}

function selectedIn(list) {
  const selection = getSelection();
  const text = textOf(selection.anchorNode);
  const word = selection.toString().trim();
  const isOne = text !== null && list.contains(text) && text === textOf(selection.focusNode);
  const isWord = word !== "" && [...word].length <= LONGEST && !word.includes("\n");
  return isOne && isWord ? [text.closest(".comment"), word] : [null, ""];
}

/** The text of a comment in which a node stands, or null. */
function textOf(node) {
  const element = node instanceof Element ? node : node?.parentElement;
  return element?.closest(".comment__text") ?? null;
}
