"""One file out of many: in order, once each, and nothing left out silently."""

import pytest

from saywhat.linking import CannotLink, linked
from tests.support.declared_settings import ROOT

pytestmark = pytest.mark.once


def of(files: dict[str, str]):
    return lambda name: files[name]


def test_a_module_stands_after_what_it_imports_and_once():
    files = {
        "a/main.js": 'import { one } from "./one.js";\nimport { two as second } from "../b/two.js";\none(second);\n',
        "a/one.js": 'import { two } from "../b/two.js";\nexport function one() { return two; }\n',
        "b/two.js": "/* Two. */\n\nexport const two = 22; // or so\n",
    }
    text = linked("a/main.js", of(files))
    assert text.count("=22") == 1
    assert text.index("=22") < text.index("function ") < text.index("}=m1,{two:")
    assert "Two." not in text


def test_a_text_that_looks_like_a_comment_stays():
    text = linked(
        "a.js", of({"a.js": 'const address = "https://example.org"; // what follows\nconst re = /[/]\\/x/;\n'})
    )
    assert '="https://example.org",' in text
    assert "/[/]\\/x/" in text


@pytest.mark.parametrize(
    "line",
    [
        'import all from "./b.js";',
        'import * as all from "./b.js";',
        'export * from "./b.js";',
        "export { x };",
        "export default 5;",
        "export let x = 5;",
        'import "./b.js";',
    ],
)
def test_what_cannot_be_linked_is_refused(line):
    with pytest.raises(CannotLink, match=r"a\.js"):
        linked("a.js", of({"a.js": f"{line}\n", "b.js": ""}))


def test_styles_are_put_in_the_place_of_their_import():
    files = {
        "css/all.css": '@import "one.css";\n@import "two.css";\nc { top: 0 }\n',
        "css/one.css": "a { top: 0 }\n",
        "css/two.css": "b { top: 0 }\n",
    }
    assert linked("css/all.css", of(files)) == "a{top:0}b{top:0}c{top:0}"


def test_all_modules_of_the_page_are_linked():
    text = linked("js/main.js", lambda name: (ROOT / "static" / name).read_text())
    modules = [path for path in (ROOT / "static/js").rglob("*.js") if path.parent.name != "desk"]
    assert text.count("=(()=>{") == len(modules)


WRITTEN = r"""
const text = "a  =  b; // c";
const pattern = /["'`]  \/ [/"]/g;
const found = list.map((x) => /a  b/.test(x)) || [];
const shown = `one  ${ two ? `in  side` : three }  four`;
"""


def test_texts_and_patterns_stay_as_they_are():
    text = linked("a.js", of({"a.js": WRITTEN}))
    for kept in ('"a  =  b; // c"', r"""/["'`]  \/ [/"]/g""", "/a  b/", "`one  ${", "`in  side`", "}  four`"):
        assert kept in text
