"""What a person reads when a library is wrong, word for word.

Each file under ``fixtures/diagnostics`` is one mistake: a few words about it, the files of a tiny library between lines
of four tildes, and what must be said.  The words in ``fixtures/diagnostics/base`` stand beside every fixture, unless it
says ``alone``.  After the name of a file, ``latin-1`` or ``crlf`` says how it is saved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.language.format import format_block
from comity.language.read import read_library
from comity.language.relations import relation_warnings
from comity.problems import CATALOGUE, ComityError, Problem, render_problem
from tests import strategies
from tests.tiny_law import BASE

FOLDER = Path(__file__).parent / "fixtures" / "diagnostics"
LAW = Path(__file__).parent.parent / "src" / "comity" / "law"
FIXTURES = sorted(FOLDER.glob("*.md"))

_PART = re.compile(r"^~~~~ (?P<head>[^\n]+)\n(?P<body>.*?)^~~~~$", re.MULTILINE | re.DOTALL)


@dataclass
class Fixture:
    files: dict[str, bytes] = field(default_factory=lambda: dict(BASE))
    says: str = ""


def read_fixture(text: str) -> Fixture:
    fixture = Fixture()
    for part in _PART.finditer(text):
        words, body = part["head"].split(), part["body"]
        match words:
            case ["alone"]:
                fixture.files = {}
            case ["says"]:
                fixture.says = body.rstrip("\n")
            case ["file", name, *how]:
                if "crlf" in how:
                    body = body.replace("\n", "\r\n")
                fixture.files[name] = body.encode("latin-1" if "latin-1" in how else "utf-8")
            case _:
                raise AssertionError(f"a fixture has no part '{part['head']}'")
    return fixture


def problems_of(files: dict[str, bytes]) -> list[Problem]:
    try:
        return relation_warnings(read_library(files))
    except ComityError as error:
        return list(error.problems)


def rendered(problem: Problem, files: dict[str, bytes]) -> str:
    line = None
    if problem.span is not None:
        lines = files[problem.span.file].decode("utf-8", errors="replace").split("\n")
        line = lines[problem.span.line - 1]
    return render_problem(problem, line)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_the_message_is_word_for_word(path: Path) -> None:
    fixture = read_fixture(path.read_text(encoding="utf-8"))
    said = "\n\n".join(rendered(p, fixture.files) for p in problems_of(fixture.files))
    assert said == fixture.says


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_every_message_says_where_and_what_to_do(path: Path) -> None:
    fixture = read_fixture(path.read_text(encoding="utf-8"))
    for problem in problems_of(fixture.files):
        assert problem.code in CATALOGUE
        assert problem.help
        assert not problem.message.endswith(".")
        if problem.span is not None:
            line = fixture.files[problem.span.file].decode("utf-8", errors="replace").split("\n")[problem.span.line - 1]
            assert 1 <= problem.span.column <= len(line) + 1


def test_the_base_alone_is_right() -> None:
    assert problems_of(dict(BASE)) == []


def test_every_code_about_law_has_a_fixture() -> None:
    said = "".join(p.read_text(encoding="utf-8") for p in FIXTURES)
    wanted = [c for c in CATALOGUE if c[2] in "123" and c != "CM112"]
    assert [c for c in wanted if f"[{c}]" not in said] == []


# --- nothing but ComityError, whatever is written -------------------------------------------------------------------

_SAMPLES = sorted(LAW.rglob("*.md"))
#: Words that mean something, and some that no one expects.
_MEANT = "( ) , : - § and or not any every where is includes one of at least within before after when except despite"
_UNEXPECTED = (
    "```norm ```check ```facts ``` --- 0000-00-00 99999999999999999999 ² ٣ law date in force from until always"
)
_WORDS = [*_MEANT.split(), *_UNEXPECTED.split(), "\x00", "\t", "\r\n", "\u2028", ""]

_HEAD = (
    "---\ninstrument: us/a\ntitle: A\ncite as: A\nauthority: state statute\n"
    "binds: us\nin force: always\nchecked: no\n---\n"
)


def only_comity_errors(files: dict[str, bytes]) -> None:
    for problem in problems_of(files):
        assert problem.code in CATALOGUE
        assert problem.help, problem


@pytest.mark.slow
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_random_bytes(data: bytes) -> None:
    only_comity_errors({"x.md": data})
    only_comity_errors({**BASE, "x.md": data})
    only_comity_errors({**BASE, "agencies.csv": data})
    only_comity_errors({**BASE, "holidays.csv": data})


@pytest.mark.slow
@given(st.lists(strategies.statements, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_statements(drawn: list[tuple[strategies.tree.Statement, str]]) -> None:
    text = _HEAD + "\n\n".join(format_block(s, kind) for s, kind in drawn)
    only_comity_errors({**BASE, "x.md": text.encode()})


@st.composite
def mutated_law(draw: st.DrawFn) -> bytes:
    """A file of the law with some lines dropped, doubled, swapped, or with odd words in them."""
    lines = draw(st.sampled_from(_SAMPLES)).read_text(encoding="utf-8").split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 5)):
            case 0:
                del lines[at : at + draw(st.integers(1, 3))]
                lines = lines or [""]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = " " * draw(st.integers(0, 14)) + lines[at].strip()
            case _:
                words = lines[at].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(_WORDS))
                lines[at] = " ".join(words)
    return "\n".join(lines).encode("utf-8", errors="surrogatepass")


_WORD_FILES = {p.relative_to(LAW).as_posix(): p.read_bytes() for p in sorted((LAW / "words").glob("*.md"))}


@pytest.mark.slow
@given(mutated_law())
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_mutated_law(data: bytes) -> None:
    only_comity_errors({**_WORD_FILES, "x.md": data})


@pytest.mark.parametrize(
    "condition",
    ["(" * 5000 + "a" + ")" * 5000, "not " * 5000 + "a", "any conviction where " * 5000 + "vacated"],
    ids=["brackets", "negations", "quantifiers"],
)
def test_endless_nesting_is_refused(condition: str) -> None:
    only_comity_errors({**BASE, "x.md": f"---\n---\n```norm § 1\nagency may x\n    when {condition}\n```\n".encode()})


def test_a_long_chain_of_definitions_is_no_crash() -> None:
    blocks = []
    for i in range(1501):
        below = f"step {i + 1}" if i < 1500 else "judge signed"
        blocks.append(f"```definition § {i}\nthe case counts as step {i}\n    when {below}\n```")
    norm = "```norm § 0\nagency may notify release\n    when step 0\n    except when judge signed\n```"
    only_comity_errors({**BASE, "x.md": "\n".join([_HEAD, *blocks, norm]).encode()})
