/* Before anything is drawn: what this browser keeps of how the page shall look, whether it has been here before, and whether a
   part of the stream is asked for that the server does not know of.
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

  // What stands behind the #, and what is hidden here, only the module can apply: nothing is shown that it would take away.
  // If it does not come, or takes its time, everything is shown after all.
  const LATE_MS = 5000;
  if (location.hash.includes("=") || kept("hidden")) {
    const { dataset } = document.documentElement;
    const show = () => delete dataset.choosing;
    dataset.choosing = "";
    addEventListener("error", show, true);
    setTimeout(show, LATE_MS);
  }
}
