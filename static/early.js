/* Before anything is drawn: what this browser keeps of how the page shall look, and whether it has been here before.
   The only script that the page waits for; settings.js and welcome.js change the same marks later. */

{
  const kept = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };
  const { theme, size, motion } = Object(kept("settings"));
  const marks = { theme, size, motion, known: kept("known") || kept("identity") ? "" : undefined };
  for (const [name, value] of Object.entries(marks)) {
    if (typeof value === "string") document.documentElement.dataset[name] = value;
  }
}
