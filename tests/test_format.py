"""The canonical text: nothing is lost, and writing it twice changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from comity.language import tree
from comity.language.blocks import read_block
from comity.language.document import read_document
from comity.language.format import format_block, format_document
from comity.language.layout import WIDTH
from comity.problems import ComityError
from tests import strategies

LAW = Path(__file__).parent.parent / "src" / "comity" / "law"
PAIRS = Path(__file__).parent / "fixtures" / "format"


def parse(block: str) -> tree.Statement:
    return read_block(read_document(f"---\n---\n{block}\n".encode(), "test.md").blocks[0])


def statements(data: bytes, file: str) -> list[tree.Statement]:
    return [read_block(b) for b in read_document(data, file).blocks]


@pytest.mark.slow
@given(strategies.statements)
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_statement_survives_its_canonical_text(drawn: tuple[tree.Statement, str]) -> None:
    statement, kind = drawn
    text = format_block(statement, kind)
    again = parse(text)
    assert again == statement
    assert format_block(again, kind) == text


@pytest.mark.slow
@given(strategies.conditions)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_conditions_fit_the_page(condition: tree.Condition) -> None:
    block = tree.DefinitionBlock(tree.Phrase("§ 1", strategies.HERE), tree.Phrase("x", strategies.HERE), "", condition)
    text = format_block(block, "definition")
    for line in text.splitlines():
        words = line.split()
        # Only where there is nothing to break, or brackets cling to a long word, a line may be longer.
        assert len(line) <= WIDTH or len(words) <= 3, line
    assert parse(text) == block


@pytest.mark.parametrize("path", sorted(LAW.rglob("*.md")), ids=lambda p: p.relative_to(LAW).as_posix())
def test_the_law_keeps_its_meaning(path: Path) -> None:
    data, name = path.read_bytes(), path.name
    text = format_document(data, name)
    assert format_document(text.encode(), name) == text
    assert statements(text.encode(), name) == statements(data, name)
    old, new = read_document(data, name), read_document(text.encode(), name)
    assert {k: f.value for k, f in new.fields.items()} == {k: f.value for k, f in old.fields.items()}


@pytest.mark.parametrize("before", sorted(PAIRS.glob("*.before.md")), ids=lambda p: p.name.removesuffix(".before.md"))
def test_before_and_after(before: Path) -> None:
    after = before.with_name(before.name.replace(".before.", ".after."))
    text = format_document(before.read_bytes(), before.name)
    assert text == after.read_text(encoding="utf-8")
    assert format_document(text.encode(), after.name) == text


def test_windows_line_ends_tabs_and_a_byte_order_mark_are_mended() -> None:
    text = (
        "\ufeff---\r\ntitle:\tX\r\n---\r\n\r\nProse\twith a tab.\r\n\r\n"
        "```norm § 1\r\nagency may\tx\r\n\twhen a\r\n```\r\n\r\n\r\n"
    )
    assert format_document(text.encode(), "x.md") == (
        "---\ntitle: X\n---\n\nProse\twith a tab.\n\n```norm § 1\nagency may x\n    when a\n```\n"
    )


def test_foreign_code_stays_as_it_is() -> None:
    data = b"---\ntitle: X\n---\n```yaml\na:   1\t\n```\n"
    assert format_document(data, "x.md").encode() == data


def test_what_cannot_be_read_is_not_written() -> None:
    with pytest.raises(ComityError) as caught:
        format_document(b"---\n---\n```norm \xc2\xa7 1\nagency x\n```\n```norm\nagency may x\n```\n", "x.md")
    assert [p.code for p in caught.value.problems] == ["CM110", "CM301"]


def test_text_that_is_not_utf8_is_not_written() -> None:
    with pytest.raises(ComityError) as caught:
        format_document(b"---\n---\n\xa7 1\n", "x.md")
    assert [p.code for p in caught.value.problems] == ["CM101"]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("not form is I-247A", "form is not I-247A"),
        ("not (form is one of A, B)", "form is not one of A, B"),
        ("(any conviction where a and b) and c", "(any conviction where a and b) and c"),
        ("c and (any conviction where a and b)", "c and any conviction where a and b"),
        ("c or (any conviction where a and b)", "c or (any conviction where a and b)"),
        ("(not any conviction where a) and b", "not (any conviction where a) and b"),
        ("((a and b)) or c", "(a and b) or c"),
        ("(a)", "a"),
        ("kinds includes any of hold", "kinds includes hold"),
        ("date is within 1 years before law date", "date is within 1 year before law date"),
        ("not   not a", "not not a"),
        ("every charge where not (a or b)", "every charge where not (a or b)"),
    ],
)
def test_small_conditions(written: str, printed: str) -> None:
    text = f"```norm § 1\nagency may x\n    when {written}\n```"
    assert format_block(parse(text), "norm").splitlines()[2] == f"    when {printed}"
