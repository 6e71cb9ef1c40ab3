/* Text with its addresses as links, built as DOM nodes. The twin of the `linked` filter of the templates. */

const CANDIDATE = /https?:\/\/[^\s<>"]+/gi;
const LINK = /^https?:\/\/(?:[a-z0-9-]+\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?(?::[0-9]{1,4})?(?:[/?#]\S*)?$/i;
const TRAILING_PUNCTUATION = /[.,:;!?'")\]}…*_~]+$/;

/** The nodes for a text, ready to be put into an element. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const candidate of text.matchAll(CANDIDATE)) {
    const address = candidate[0].replace(TRAILING_PUNCTUATION, "");
    if (!isLink(address)) continue;
    nodes.push(text.slice(end, candidate.index), link(address));
    end = candidate.index + address.length;
  }
  return [...nodes, text.slice(end)].filter((node) => node !== "");
}

function isLink(address) {
  return LINK.test(address) && isHttp(address);
}

function isHttp(address) {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}

function link(address) {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.target = "_blank";
  anchor.rel = "nofollow ugc noopener noreferrer";
  anchor.textContent = address;
  return anchor;
}
