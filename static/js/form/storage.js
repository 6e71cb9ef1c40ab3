/* What this browser keeps for us, if it lets us: in private windows and foreign frames even asking may throw. */

/** This browser's, for all tabs. */
export const ofBrowser = box(() => localStorage);
/** This tab's; survives a reload. */
export const ofTab = box(() => sessionStorage);

function box(storage) {
  return {
    read(key) {
      try {
        return JSON.parse(storage().getItem(key)) ?? {};
      } catch {
        return {};
      }
    },
    write(key, value) {
      try {
        storage().setItem(key, JSON.stringify(value));
      } catch {
        // Then it lasts for as long as the page does.
      }
    },
  };
}
