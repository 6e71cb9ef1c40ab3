/* Elements, made of their texts. */

export function part(tag, className, textContent = "") {
  return Object.assign(document.createElement(tag), { className, textContent });
}

/** `label` is what is read out, where the text does not say it. */
export function button(className, text, onPress, label = null) {
  const element = Object.assign(part("button", className, text), { type: "button" });
  if (label !== null) element.ariaLabel = label;
  element.addEventListener("click", onPress);
  return element;
}

export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
