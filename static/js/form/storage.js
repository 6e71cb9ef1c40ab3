/* What this browser keeps for us, if it lets us: in private windows and foreign frames even asking may throw, and a full
   disk may refuse. What cannot be kept lasts for as long as the page does.

   What is read may have been written by anybody: another version of this page, an extension, a curious visitor. */

/** This browser's, for all tabs. */
export const ofBrowser = box(() => localStorage);
/** This tab's; survives a reload. */
export const ofTab = box(() => sessionStorage);

/** `then(key)` hears what other tabs have written; null if it may be anything. */
export function onOtherTabs(then) {
  addEventListener("storage", ({ key, storageArea }) => storageArea !== attempt(() => sessionStorage) && then(key));
}

function box(storage) {
  const unkept = new Map(); // what could not be written
  return {
    keys(prefix) {
      const kept = attempt(() => Object.keys(storage())) ?? [];
      return [...new Set([...kept, ...unkept.keys()])].filter((key) => key.startsWith(prefix));
    },
    /** Any JSON value; null if there is none. */
    read(key) {
      if (unkept.has(key)) return structuredClone(unkept.get(key));
      return attempt(() => JSON.parse(storage().getItem(key)));
    },
    write(key, value) {
      unkept.delete(key);
      const isKept = attempt(() => (storage().setItem(key, JSON.stringify(value)), true));
      if (!isKept) unkept.set(key, value);
    },
    remove(key) {
      unkept.delete(key);
      attempt(() => storage().removeItem(key));
    },
  };
}

function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}
