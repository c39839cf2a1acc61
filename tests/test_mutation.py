"""The mutation test itself: a law of four norms, where each fate is known, and some mutants of the packaged law."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("z3", reason="claims need the solver: pip install 'comity[prove]'")

from tools.mutants import KINDS, Mutant, Suite, mutants
from tools.mutate import PAGE, Fate, equivalents, fate_of, packaged, reasons, rewritten, score, summary, table

from comity.language.read import read_library
from comity.policy.library import Library

BASE = Path(__file__).parent / "fixtures" / "diagnostics" / "base"

ACT = """---
instrument: us/xx/act
title: Example Act
cite as: Ex. Code
authority: state statute
binds: us/xx only local
in force: from 2018-01-01
checked: text read, 2026-11-23
---

```norm § 1
agency must not transfer custody
    except when judge signed
```

```norm § 2
agency must not transfer custody
    when form is I-247A and not judge signed
```

```norm § 3
agency may hold past release
    when judge signed
    in force from 2018-01-01 until 2020-01-01
```

```norm § 3
agency may hold past release
    when judge signed and judge court is federal
    in force from 2020-01-01
```

```contested § 4
transfer custody
    contested Nobody disputes it.
```

```check
the first day
    agency us/xx/town/police
    given form is I-247D, not judge signed
    on 2018-01-01
    then must not transfer custody
a state judge opens the hold, until 2020
    agency us/xx/town/police
    given judge signed, judge court is state
    on 2019-12-31
    then may hold past release because § 3
    on 2020-01-01
    then must not hold past release
a federal judge does
    agency us/xx/town/police
    given judge signed, judge court is federal
    on 2020-06-01
    then may hold past release because § 3
a judge opens the transfer
    agency us/xx/town/police
    whenever judge signed
    then always may transfer custody
```
"""


@cache
def tiny() -> Library:
    files = {p.name: p.read_bytes() for p in sorted(BASE.iterdir())}
    return read_library({**files, "us/xx/act.md": ACT.encode()})


@cache
def tiny_fates() -> dict[str, str]:
    suite = Suite(tiny())
    return {m.name.removeprefix("us/xx/act#"): fate_of(m, suite).by for m in mutants(tiny())}


@cache
def suite() -> Suite:
    return Suite(packaged())


# A law of four norms


def test_each_norm_is_mutated_in_every_way_and_a_mark_that_no_example_names_is_left_alone() -> None:
    assert list(tiny_fates()) == [
        "§ 1: dropped",
        "§ 1: must not -> must",
        "§ 1: must not -> may",
        "§ 1: exception 1 dropped",
        "§ 1: starts a day earlier",
        "§ 1: starts a day later",
        "§ 2: dropped",
        "§ 2: must not -> must",
        "§ 2: must not -> may",
        "§ 2: starts a day earlier",
        "§ 2: starts a day later",
        "§ 3 @2018-01-01: dropped",
        "§ 3 @2018-01-01: may -> must not",
        "§ 3 @2018-01-01: starts a day earlier",
        "§ 3 @2018-01-01: starts a day later",
        "§ 3 @2018-01-01: ends a day earlier",
        "§ 3 @2018-01-01: ends a day later",
        "§ 3 @2020-01-01: dropped",
        "§ 3 @2020-01-01: may -> must not",
        "§ 3 @2020-01-01: starts a day earlier",
        "§ 3 @2020-01-01: starts a day later",
    ]


def test_an_example_notices_what_makes_its_promise_false() -> None:
    for name in (
        "§ 1: dropped",
        "§ 1: must not -> must",
        "§ 1: must not -> may",
        "§ 1: starts a day later",
        "§ 3 @2018-01-01: dropped",
        "§ 3 @2018-01-01: may -> must not",
        "§ 3 @2018-01-01: ends a day earlier",
        "§ 3 @2020-01-01: dropped",
    ):
        assert tiny_fates()[name] == "example", name


def test_a_claim_notices_what_no_example_shows() -> None:
    assert tiny_fates()["§ 1: exception 1 dropped"] == "claim"


def test_the_reader_refuses_two_versions_in_force_at_once() -> None:
    # An example would have noticed this edge too, had it a federal judge: see the next test for the other one.
    assert tiny_fates()["§ 3 @2018-01-01: ends a day later"] == "example"
    assert tiny_fates()["§ 3 @2020-01-01: starts a day earlier"] == "reader"


def test_a_day_that_no_example_tries_is_a_survivor() -> None:
    for name in (
        "§ 1: starts a day earlier",
        "§ 3 @2018-01-01: starts a day earlier",
        "§ 3 @2020-01-01: starts a day later",
    ):
        assert tiny_fates()[name] == "", name


def test_a_norm_that_another_one_says_again_is_proved_equivalent() -> None:
    assert tiny_fates()["§ 2: dropped"] == "equivalent"
    assert tiny_fates()["§ 2: starts a day later"] == "equivalent"
    assert tiny_fates()["§ 2: must not -> must"] != "equivalent"


# The packaged law


def sample() -> list[Mutant]:
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in mutants(packaged()):
        by_kind.setdefault(mutant.kind, []).append(mutant)
    assert set(by_kind) == set(KINDS)
    draw = random.Random(2026)
    return [m for kind in KINDS for m in draw.sample(by_kind[kind], 4)]


@pytest.mark.parametrize("mutant", sample(), ids=lambda m: m.name)
def test_a_mutant_of_the_law_is_noticed_or_listed_with_its_reason(mutant: Mutant) -> None:
    page = PAGE.read_text("utf-8")
    listed = mutant.name in reasons(page) or mutant.name in equivalents(page)
    assert bool(suite().noticed_by(mutant)) != listed, "a survivor that is not listed, or noticed and listed"


def test_every_listed_survivor_is_a_mutant_of_the_law() -> None:
    page = PAGE.read_text("utf-8")
    names = {m.name for m in mutants(packaged())}
    assert reasons(page)
    assert sorted((set(reasons(page)) | equivalents(page)) - names) == []
    assert not set(reasons(page)) & equivalents(page)


def test_the_page_gives_the_count_of_todays_mutants() -> None:
    assert f"of {len(list(mutants(packaged())))} mutants noticed" in PAGE.read_text("utf-8")


# The report


FATES = [
    Fate("dropped", "a", "example"),
    Fate("dropped", "b", "equivalent"),
    Fate("dropped", "c", ""),
    Fate("exception dropped", "d", "claim"),
]


def test_what_is_equivalent_is_neither_noticed_nor_missed() -> None:
    assert score(FATES) == pytest.approx(200 / 3)
    assert score([FATES[1]]) == 100.0
    assert summary(FATES).startswith("2 of 4 mutants noticed (50.0 %), 1 proved equivalent: 66.7 %")


def test_the_figures_are_a_table_with_a_row_for_each_kind() -> None:
    lines = list(table(FATES))
    assert lines[2:] == [
        "| dropped | 3 | 1 | 0 | 0 | 1 | 1 | 50.0 % |",
        "| exception dropped | 1 | 0 | 1 | 0 | 0 | 0 | 100.0 % |",
        "| all | 4 | 1 | 1 | 0 | 1 | 1 | 66.7 % |",
    ]


def test_the_page_is_rewritten_between_its_marks_only() -> None:
    page = "# M\n<!-- figures -->\nold\n<!-- end -->\n| `c` | why |\n<!-- equivalent -->\n- `x`\n<!-- end -->\n"
    new = rewritten(page, FATES)
    assert "old" not in new
    assert rewritten(new, FATES) == new
    assert equivalents(new) == {"b"}
    assert reasons(new) == {"c": "why"}
