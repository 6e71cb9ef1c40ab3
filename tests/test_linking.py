"""One file out of many: in order, once each, and nothing left out silently."""

import pytest

from saywhat.linking import CannotLink, linked
from saywhat.squeezing import CannotSqueeze, squeezed_script
from tests.support.declared_settings import ROOT

pytestmark = pytest.mark.once


def of(files: dict[str, str]):
    return lambda name: files[name]


def test_a_module_stands_after_what_it_imports_and_once():
    files = {
        "a/main.js": 'import { one } from "./one.js";\nimport { two as second } from "../b/two.js";\none(second);\n',
        "a/one.js": 'import { two } from "../b/two.js";\nexport function one() { return two; }\n',
        "b/two.js": "/* Two. */\n\nexport const two = 2; // or so\n",
    }
    text = linked("a/main.js", of(files))
    assert text.count("const two=2;") == 1
    assert text.index("const two") < text.index("function one") < text.index("one(second)")
    assert "const{two:second}=m0;" in text
    assert "Two." not in text


def test_a_text_that_looks_like_a_comment_stays():
    text = linked(
        "a.js", of({"a.js": 'const address = "https://example.org"; // what follows\nconst re = /[/]\\/x/;\n'})
    )
    assert '="https://example.org";const re=' in text
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
        "css/all.css": '@import "one.css";\n@import "two.css";\nc {}\n',
        "css/one.css": "a {}\n",
        "css/two.css": "b {}\n",
    }
    assert linked("css/all.css", of(files)).strip() == "a{}b{}c{}"


def test_styles_lose_only_spaces_that_mean_nothing():
    styles = '/* . */\n.a :is(b, c) > d::after {\n  width: calc(100% - 2rem);\n  content: "x y";\n}\n'
    assert linked("a.css", of({"a.css": styles})) == '.a :is(b,c) > d::after{width:calc(100% - 2rem);content:"x y";}'


def test_private_members_have_short_names_and_whatever_looks_like_one_stays():
    script = """class A {
  #count = 0;
  async #ask(other) {
    const text = `#count #${other.#count}`;
    return this.#count + document.querySelector("#count").size + text;
  }
}
"""
    text = linked("a.js", of({"a.js": script}))
    assert "#a=0;" in text
    assert "async #b(other)" in text
    assert "`#count #${other.#a}`" in text
    assert 'this.#a+document.querySelector("#count")' in text


def test_all_modules_of_the_page_are_linked():
    text = linked("js/main.js", lambda name: (ROOT / "static" / name).read_text())
    modules = [path for path in (ROOT / "static/js").rglob("*.js") if path.parent.name != "desk"]
    assert text.count("=(()=>{") == len(modules)


WRITTEN = r"""
const text = "a  =  b; // c";
const pattern = /["'`]  \/ [/"]/g;
const found = list.map((x) => /a  b/.test(x)) || [];
let sum = a + +b - -c / d / e;
const shown = `one  ${ two + three }  four`
const next = [1, 2]
  .filter(Boolean)
if (sum) return
else return /x  y/.exec(text)
"""
SQUEEZED = [
    "",
    r"""const text="a  =  b; // c";const pattern= /["'`]  \/ [/"]/g;"""
    "const found=list.map((x)=> /a  b/.test(x))||[];"
    "let sum=a+ +b- -c/d/e;const shown=`one  ${ two + three }  four`",
    "const next=[1,2].filter(Boolean)",
    "if(sum)return",
    "else return /x  y/.exec(text)",
]


def test_spaces_go_where_they_say_nothing_and_texts_and_patterns_stay():
    assert squeezed_script(WRITTEN).splitlines() == SQUEEZED


def test_a_template_inside_of_a_template_is_refused():
    with pytest.raises(CannotSqueeze):
        squeezed_script("const x = `a ${b ? `c, d` : e}`;")
