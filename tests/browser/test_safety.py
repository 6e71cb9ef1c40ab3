"""What strangers write is text, whatever it looks like."""

import itertools

from playwright.sync_api import expect

from comments.text.direction import neutral

HANDLERS = ["<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<script>alert(1)</script>"]
SHAPES = [
    "{}",
    '"{}',
    "'{}",
    "-->{}",
    "</textarea>{}",
    "</title>{}",
    "</template>{}",
    "</li></ol>{}",
    "]]>{}",
    "{{{{ {} }}}}",
    "${{{}}}",
    "`{}`",
    "&lt;b&gt;{}",
    "\\u003c{}",
    "%3C{}",
    "{}\n{}",
]
PAYLOADS = [
    *(shape.format(handler, handler) for shape, handler in itertools.product(SHAPES, HANDLERS)),
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://example.org/<script>alert(1)</script>",
    "https://example.org/'onclick='alert(1)",
    'https://example.org/"onclick="alert(1)',
    "https://example.org/javascript:alert(1)",
    '<a href="javascript:alert(1)">click</a>',
    '<iframe srcdoc="<script>alert(1)</script>">',
    '<form action="https://evil.example"><input name=q>',
    '<style>*{display:none}</style><link rel=stylesheet href="//evil.example">',
    '<base href="https://evil.example/">',
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
    "<details open ontoggle=alert(1)>",
    "<b>bold</b> &amp; &#60;i&#62;",
    "{{ constructor.constructor('alert(1)')() }}",
    "{% debug %} {{ settings.SECRET_KEY }}",
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    "\u202egnirts desrever\u202c and on",
]
ELEMENTS = (
    """() => [...new Set([...document.querySelectorAll("#comments .comment *")].map((e) => e.tagName))].sort()"""
)
ALLOWED = {"SPAN", "P", "BDI", "TIME", "A", "STRONG", "CODE", "svg", "path"}


def assert_all_is_text(visitor) -> None:
    dialogs = []
    visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    assert set(visitor.page.evaluate(ELEMENTS)) <= ALLOWED
    hrefs = visitor.page.eval_on_selector_all(".comment__text a", "(links) => links.map((link) => link.href)")
    assert all(href.startswith(("https://", "http://")) for href in hrefs)
    rels = visitor.page.eval_on_selector_all(".comment__text a", "(links) => links.map((link) => link.rel)")
    assert set(rels) == {"nofollow ugc noopener noreferrer"}
    assert dialogs == []


def test_markup_in_texts_shows_as_text_from_server_and_script_alike_P26(arrive, new_site):
    live = arrive(new_site).opens().is_live()
    for payload in PAYLOADS:
        assert new_site.post({"text": payload, "username": "Mallory"}).status == 201
    expect(live.page.locator("#comments .comment")).to_have_count(len(PAYLOADS))
    shown = [neutral(payload) for payload in PAYLOADS]
    assert live.texts == shown
    assert_all_is_text(live)
    served = arrive(new_site, java_script_enabled=False).opens()
    assert served.texts == shown[-50:]
    assert set(served.page.evaluate(ELEMENTS)) <= ALLOWED


def test_markup_in_names_shows_as_text_P26(arrive, new_site):
    names = ["<b>x</b>", "<img onerror=a>", '" autofocus x="', "'onclick='", "&lt;i&gt;", "</bdi></p>", "{{ x }}"]
    live = arrive(new_site).opens().is_live()
    for name in names:
        assert new_site.post({"text": "hello", "username": name}).status == 201
    expect(live.page.locator("#comments .comment")).to_have_count(len(names))
    assert live.page.locator(".comment__name").all_text_contents() == names
    served = arrive(new_site, java_script_enabled=False).opens()
    assert served.page.locator(".comment__name").all_text_contents() == names
    assert set(served.page.evaluate(ELEMENTS)) <= ALLOWED


def test_a_writing_direction_does_not_leak_to_the_neighbours_P26(arrive, new_site):
    new_site.post({"text": "\u202eabc", "username": "Eve"})
    new_site.post({"text": "left to right", "username": "Ben"})
    visitor = arrive(new_site).opens().is_live()
    visitor.sees("left to right")
    isolation = visitor.page.eval_on_selector_all(
        ".comment__text, .comment__name", "(parts) => parts.map((part) => getComputedStyle(part).unicodeBidi)"
    )
    assert set(isolation) <= {"isolate", "plaintext"}


def test_the_policy_lets_no_inline_script_run(visitor):
    visitor.expected.append("Content Security Policy|CSP")
    ran = visitor.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          return window.ran === true;
        }"""
    )
    assert not ran
