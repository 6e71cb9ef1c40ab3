/* What a visitor may set about the page. Pure. early.js reads the first three before anything is drawn. */

export const CHOICES = {
  theme: ["system", "light", "dark"],
  size: ["normal", "large", "larger"],
  motion: ["system", "none"],
  time: ["relative", "24", "12"],
  sound: ["none", "drop", "wood", "bell", "pluck", "breath"],
  volume: ["60", ...Array.from({ length: 11 }, (_, tenth) => String(10 * tenth))],
  keys: ["on", "off"],
};

/** Settings that are whole, of what may be anything: the first choice stands for whatever is no choice. */
export function settled(kept) {
  const values = Object(kept);
  const names = Object.entries(CHOICES);
  return Object.fromEntries(names.map(([name, choices]) => [name, choices.find((choice) => choice === values[name]) ?? choices[0]]));
}
