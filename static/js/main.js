/* The page: its roles, one after the other. Each stands in a file of page/, and adds its parts to the page. */

import { ages, clamping, copying, days, keyboard, settings, upgrading } from "./page/comfort.js";
import { ground } from "./page/ground.js";
import { acting, looking, reporting, saving } from "./page/looking.js";
import { begin, reading } from "./page/reading.js";
import { beforeWriting, sending, writing } from "./page/writing.js";

const BEFORE = [reading, beforeWriting, looking];
const AFTER = [reporting, acting, saving, ages, keyboard, copying, days, clamping, writing, sending, settings, upgrading];

const page = ground();
BEFORE.forEach(add);
begin(page);
AFTER.forEach(add);

/** Reading comes first: whatever fails beside it, new comments arrive. */
function add(role) {
  try {
    role(page);
  } catch (error) {
    console.error(error);
  }
}
