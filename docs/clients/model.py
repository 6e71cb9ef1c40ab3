"""Lets language models answer whoever asks bots for an answer, by any endpoint that speaks as OpenAI's does:

    SITE=… TOKEN=… MODELS='http://127.0.0.1:11434/v1 llama3.2' python3 model.py

MODELS has a line for each endpoint, `BASE_URL MODEL [KEY]`, the best first: the next one is asked when one fails.
"""

import json
import os
from urllib.request import Request, urlopen

from saywhat import Comment, Site

ORDERS = "You take part in a public chat. Answer in the language of the question, in at most three sentences."
SECONDS = 60
MAX_TEXT = 1000


def complete(line: str, messages: list[dict]) -> str:
    base_url, model, key = [*line.split(), ""][:3]
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    body = json.dumps({"model": model, "messages": messages, "max_tokens": 300}).encode()
    with urlopen(Request(f"{base_url.rstrip('/')}/chat/completions", body, headers), timeout=SECONDS) as response:
        text = json.load(response)["choices"][0]["message"]["content"].strip()
    if not text:
        raise ValueError("it said nothing")
    return text[:MAX_TEXT]


def answer(comment: Comment) -> str:
    shown = comment.get("context") or []
    messages = [{"role": "system", "content": ORDERS}]
    if shown:
        seen = json.dumps(shown, ensure_ascii=False)
        messages.append({"role": "system", "content": f"Before that, they saw: {seen}"})
    messages.append({"role": "user", "content": f"{comment['username']}: {comment['text']}"})
    last: Exception = RuntimeError("MODELS is empty")
    for line in filter(None, map(str.strip, os.environ["MODELS"].splitlines())):
        try:
            return complete(line, messages)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            last = error
    raise last


lines = len(os.environ["MODELS"].splitlines())
Site(os.environ["SITE"], os.environ["TOKEN"]).answer(answer, seconds=SECONDS * lines + 30)
