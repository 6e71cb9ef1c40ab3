// Answers whoever asks bots for an answer with what they have said: `SITE=… TOKEN=… node echo.mjs`.

import { Site } from "./saywhat.mjs";

const echo = (comment) => `${comment.username} says: ${comment.text}`.slice(0, 1000);

await new Site(process.env.SITE, process.env.TOKEN).answer(echo);
