"""The compiled loops of the audit say what the numpy engine and the one-case engine say.

Most tests run the source of a loop as plain Python: the same lines without the seconds of compiling.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.calendar import Window
from comity.case import Case, Rows, counting
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Every,
    Expression,
    Fact,
    Literal,
    Name,
    Not,
    OneOf,
    Some,
    Within,
)
from comity.policy.facts import FactType, FactWord
from comity.policy.library import Library
from comity.policy.norms import Norm
from comity.policy.stack import Stack, bind
from comity.problems import ComityError
from tests import random_law
from tests.random_law import AGENCY, DAY, INSTRUMENTS, SHERIFF

np = pytest.importorskip("numpy", reason="columns are numpy arrays; pip install 'comity[audit]'")
pytest.importorskip("pyarrow", reason="columns are read with pyarrow; pip install 'comity[audit]'")
pytest.importorskip("numba", reason="the loops are compiled with numba; pip install 'comity[speed]'")

from comity.audit.columns import Columns
from comity.audit.judgement import Judged, Judgement
from comity.audit.kernel import CompiledColumns, engine, loops
from comity.audit.kernel.layouts import PlacedDigit
from comity.audit.kernel.loops import Loop
from comity.audit.kernel.parameters import Parameters
from comity.audit.kernel.parts import ByteSums
from comity.audit.tables import NO_DAY, NO_MEMBER, NO_SET, CaseTable, Column, ListTable
from comity.audit.tabulated import tabulate
from comity.auditing.onecase import judgement_of


@contextmanager
def as_plain_python() -> Iterator[list[str]]:
    """Loops run as plain Python; gives the sources that were run."""
    sources: list[str] = []

    def plain(text: str, kinds: tuple[str, ...]) -> Any:
        scope: dict[str, Any] = {"np": np, "U": np.uint64, "NO": np.int32(NO_DAY)}
        exec(text, scope)
        sources.append(text)

        def run(*arguments: Any) -> int:
            for value, kind in zip(arguments, kinds, strict=True):
                assert not isinstance(value, np.ndarray) or value.dtype.name == kind
            # A sum of bytes is worked out modulo 256.
            with np.errstate(over="ignore"):
                return int(scope["loop"](*arguments))

        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "compiled", plain)
        patch.setattr(engine, "compiled", plain)
        yield sources


class Asked:
    """The one-case engine."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._stacks: dict[str, Stack] = {}

    def of_case(self, case: Case, action: str) -> Judgement:
        case = counting(case)
        if case.law_date is None:
            return Judgement("need a fact", missing=("law date",))
        stack = self._stacks.get(case.agency.id)
        if stack is None:
            stack = self._stacks[case.agency.id] = bind(self.library, case.agency)
        era = stack.at(case.law_date)
        return judgement_of(era.by_action[action], stack, era, case)

    def judge_one(self, cases: Sequence[Case]) -> Any:
        """For tables whose record numbers count these cases from 1."""
        return lambda table, at, action: self.of_case(cases[int(table.numbers[at]) - 1], action)


def assert_same(found: Judged, expected: Judged) -> None:
    assert [found.laws[n] for n in found.law] == [expected.laws[n] for n in expected.law]
    assert list(found.actions) == list(expected.actions)
    for action in expected.actions:
        assert len(found.actions[action]) == len(expected.table)
        pairs = set(zip(found.actions[action].tolist(), expected.actions[action].tolist(), strict=True))
        for ours, theirs in pairs:
            assert found.judgements[action][ours] == expected.judgements[action][theirs], action


def library_of(*conditions: Expression, vocabulary: Any = None) -> Library:
    """A library whose norms say "may tell", each when one of the conditions holds."""
    norms = tuple(
        Norm(f"n{n}", INSTRUMENTS[2].id, f"§ {n}", f"Act § {n}", "agency", "may", "tell", Window(), condition)
        for n, condition in enumerate(conditions)
    )
    return Library(
        "test", "0" * 64, Window(), vocabulary or random_law.VOCABULARY, random_law.LADDER, (("police", ()),),
        INSTRUMENTS, norms, (), (), (), (), (AGENCY, SHERIFF), (),
    )  # fmt: skip


def drawn(library: Library, size: int, seed: int, *, days: Sequence[int] = (), rows: int = 9) -> CaseTable:
    """Random cases of both agencies, every kind of value unknown now and then; ``days``: law dates to draw from."""
    rng = np.random.default_rng(seed)
    near = (DAY - date(1970, 1, 1)).days
    choices = np.array([near, near - 1, near + 1, near - 1826, near - 30, near - 31, NO_DAY], np.int32)

    def column(word: FactWord, n: int) -> Column | None:
        kind, members = word.type.kind, word.type.members
        if kind == "yes/no":
            return Column(kind, rng.integers(0, 3, n).astype(np.uint8))
        if kind == "one of":
            found = rng.integers(0, len(members) + 1, n).astype(np.uint8)
            found[found == len(members)] = NO_MEMBER
            return Column(kind, found)
        if kind == "some of":
            sets = rng.integers(-1, 1 << len(members), n)
            sets[sets < 0] = NO_SET
            return Column(kind, sets)
        if kind == "date":
            return Column(kind, rng.choice(choices, n))
        if kind == "moment":
            stamps = (
                rng.choice(choices[choices != NO_DAY], n).astype(np.int64) * 24 + rng.integers(0, 24, n)
            ) * 3_600_000_000
            stamps[rng.random(n) < 0.2] = -(2**63)
            return Column(kind, stamps, rng.choice(np.array([-480, 0, 540], np.int16), n))
        return None

    def columns(words: dict[str, FactWord], n: int) -> dict[str, Column]:
        made = {name: column(word, n) for name, word in words.items()}
        return {name: c for name, c in made.items() if c is not None}

    vocabulary = library.vocabulary
    lists = {}
    for record, name in vocabulary.records().items():
        counts = rng.integers(0, rows + 1, size) * (rng.random(size) < 0.8)
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        lists[name] = ListTable(offsets, rng.random(size) < 0.7, columns(vocabulary.fields(record), int(offsets[-1])))
    law_date = rng.choice(np.array(days, np.int32) if days else choices, size)
    return CaseTable(
        ids=np.arange(size), numbers=np.arange(1, size + 1), agencies=(AGENCY.id, SHERIFF.id),
        agency=rng.integers(0, 2, size).astype(np.int32), law_date=law_date,
        columns=columns(vocabulary.case_facts(), size), lists=lists,
    )  # fmt: skip


def of_one_agency(table: CaseTable) -> CaseTable:
    return replace(table, agencies=(AGENCY.id,), agency=np.zeros(len(table), np.int32))


def first_cases(table: CaseTable, size: int) -> CaseTable:
    import pyarrow as pa

    from comity.audit.reading.stretches import cases_at

    return cases_at(replace(table, ids=pa.array(table.ids)), np.arange(size))


# -- the same answers -------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(
    random_law.libraries(),
    st.lists(st.lists(random_law.cases(), max_size=6), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from((0, 0, 3)),
)
def test_loops_say_what_the_one_case_engine_says(
    library: Library, batches: list[list[Case]], drop: bool, undated: int
) -> None:
    one = Asked(library)
    cases = [case for batch in batches for case in batch]
    if undated:
        cases = [replace(case, law_date=None) if i % undated == 0 else case for i, case in enumerate(cases)]
    with as_plain_python():
        compiled = CompiledColumns(Columns(library, judge_one=one.judge_one(cases)), 0)
        start = 0
        # Twice: what was new in the first round is known in the second.
        for batch in (*batches, *batches):
            start = 0 if start == len(cases) else start
            ours = cases[start : start + len(batch)]
            table = tabulate(ours, library.vocabulary, drop=drop)
            table = replace(table, numbers=np.arange(start + 1, start + 1 + len(ours)))
            start += len(batch)
            try:
                judged = compiled.judge(table)
            except ComityError as error:
                if error.problems[0].code == "CM304":  # norms that beat each other in a circle
                    return
                raise
            expected = [(i, a, one.of_case(c, a)) for i, c in enumerate(ours) for a in judged.actions]
            for i, action, judgement in expected:
                assert judged.judgement(action, i) == judgement


_ROW_LEAVES = [
    leaf
    for leaf in (*random_law._ROW_LEAVES, Compare("<", Name("law date"), Name("date", True)))
    if not isinstance(leaf, Some | AtLeast) and "Defined" not in repr(leaf) and "Every" not in repr(leaf)
]


@pytest.mark.parametrize("one_agency", [False, True])
@pytest.mark.parametrize("leaf", _ROW_LEAVES, ids=range(len(_ROW_LEAVES)))
def test_every_condition_on_rows_is_read_alike(leaf: Expression, one_agency: bool) -> None:
    library = library_of(Some("convictions", And((leaf, Not(Fact("listed", True))))))
    known, fresh = drawn(library, 60, 1), drawn(library, 60, 2)
    if one_agency:
        known, fresh = of_one_agency(known), of_one_agency(fresh)
    with as_plain_python() as sources:
        compiled, plain = CompiledColumns(Columns(library), 0), Columns(library)
        compiled.judge(known)
        assert "tell" in compiled.compiled
        for table in (known, fresh):
            assert_same(compiled.judge(table), plain.judge(table))
    assert sources


def test_rows_that_are_vacated_or_later_than_the_law_date_are_set_aside() -> None:
    words = (*random_law.VOCABULARY.facts, FactWord("vacated", "conviction", FactType("yes/no")))
    vocabulary = replace(random_law.VOCABULARY, facts=words)
    library = library_of(Some("convictions", Fact("felony", True)), vocabulary=vocabulary)
    yes = {"felony": True, "date": DAY - timedelta(days=9)}
    rows = (
        (yes,),
        ({**yes, "vacated": True},),
        ({**yes, "vacated": None},),
        ({**yes, "date": DAY + timedelta(days=1)},),
        ({**yes, "date": None},),
        ({**yes, "vacated": True}, yes),
        ({**yes, "date": DAY},),
    )
    cases = [Case(AGENCY, DAY, {}, {"convictions": Rows(r, True)}) for r in rows]
    table = tabulate(cases, vocabulary)
    with as_plain_python():
        compiled = CompiledColumns(Columns(library), 0)
        compiled.judge(table)
        judged = compiled.judge(table)
    found = [judged.judgement("tell", i).winning == ("n0",) for i in range(len(cases))]
    assert found == [True, False, True, False, True, True, True]
    one = Asked(library)
    for i, case in enumerate(cases):
        assert judged.judgement("tell", i) == one.of_case(case, "tell")


def test_words_of_which_many_are_told_apart_are_looked_up() -> None:
    members = tuple(f"m{n}" for n in range(40))
    words = (
        *random_law.VOCABULARY.facts,
        FactWord("category", "conviction", FactType("one of", members)),
        FactWord("ground", "request", FactType("one of", members)),
    )
    vocabulary = replace(random_law.VOCABULARY, facts=words)
    library = library_of(
        Some("convictions", And((OneOf(Name("category", True), members[::2]), Fact("felony", True)))),
        OneOf(Name("ground"), members[1::3]),
        Compare("is", Name("form"), Literal("A")),
        vocabulary=vocabulary,
    )
    known, fresh = drawn(library, 200, 3), drawn(library, 200, 4)
    with as_plain_python() as sources:
        compiled, plain = CompiledColumns(Columns(library), 0), Columns(library)
        for table in (known, known, fresh, fresh):
            assert_same(compiled.judge(table), plain.judge(table))
    assert any(re.search(r"a\d+\[U\(a\d+", text) for text in sources)


# -- blocks of every kind ---------------------------------------------------------------------------------------------


def window_law() -> Library:
    """Two actions with loops, one whose rows are counted and so has none."""
    library = library_of(
        Some("convictions", And((Within(Name("date", True), 5, "years", Name("law date")), Fact("felony", True)))),
        And((Fact("warrant"), Not(Compare("is", Name("form"), Literal("N"))))),
    )
    held = replace(library.norms[0], id="h", action="hold", when=AtLeast(2, "convictions", Fact("felony", True)))
    copied = replace(library.norms[0], id="c", action="copy", when=Some("charges", Fact("dropped", True)))
    return replace(library, norms=(*library.norms, held, copied))


def test_actions_that_no_loop_fits_stay_with_the_numpy_engine() -> None:
    library = window_law()
    table = drawn(library, 300, 5)
    with as_plain_python():
        compiled, plain = CompiledColumns(Columns(library), 0), Columns(library)
        compiled.judge(table)
        assert set(compiled.compiled) == {"tell", "copy"}
        assert_same(compiled.judge(table), plain.judge(table))


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=9))
def test_sums_of_bytes_never_run_over(digits: list[tuple[int, bool]]) -> None:
    placed, weight = [], 1
    for size, joined in digits:
        # Two values are one digit, or none are.
        table = np.minimum(np.maximum(np.arange(256) - 1, 0), size - 1).astype(np.uint8) if joined else None
        placed.append(PlacedDigit(None, "byte", size, table, weight))
        weight *= size
    parameters = Parameters()
    names = iter(f"column{i}" for i in range(len(placed)))
    order = {id(d): next(names) for d in placed}
    sums = ByteSums("sum", placed, lambda d: order[id(d)], "0", "1", parameters)
    scope: dict[str, Any] = {"np": np, "U": int, **{name: np.zeros(1, np.uint8) for name in sums.made}}
    scope |= {order[id(d)]: np.array([d.radix - 1 + (d.joined is not None)], np.uint8) for d in placed}
    scope |= {p.name: p.fixed for p in parameters.all}
    with np.errstate(over="ignore"):
        exec("\n".join(sums.lines), scope)
    assert sum(weight * int(scope[name][0]) for weight, name in sums.arrays) == weight - 1


@pytest.mark.parametrize("rows", [0, 1, 30])
def test_blocks_of_any_shape(rows: int) -> None:
    library = window_law()
    with as_plain_python():
        compiled, plain = CompiledColumns(Columns(library), 0), Columns(library)
        compiled.judge(drawn(library, 200, 6))
        for size in (1, 0, 2, 65):
            table = drawn(library, size, size, rows=rows)
            assert_same(compiled.judge(table), plain.judge(table))
        undated = drawn(library, 40, 7, days=[NO_DAY], rows=rows)
        for table in (undated, undated, of_one_agency(undated), of_one_agency(undated)):
            assert_same(compiled.judge(table), plain.judge(table))
        assert all(found.count == 0 for found in judged_by_loops(compiled, undated))
        assert all(found.count == 0 for found in judged_by_loops(compiled, of_one_agency(undated)))


def test_blocks_longer_than_what_is_worked_through_at_a_time() -> None:
    library = window_law()
    table = drawn(library, 4096 * 2 + 3, 8, rows=2)
    with as_plain_python():
        compiled, plain = CompiledColumns(Columns(library, ["tell"]), 0), Columns(library, ["tell"])
        for part in (first_cases(table, 300), table, first_cases(table, 4096)):
            assert_same(compiled.judge(part), plain.judge(part))


def test_versions_of_the_law_that_ask_other_things_stand_side_by_side() -> None:
    felony, listed = (Some("convictions", Fact(name, True)) for name in ("felony", "listed"))
    library = library_of(felony, And((listed, Fact("warrant"))), Every("convictions", Fact("listed", True)), listed)
    windows = (Window(None, DAY), Window(DAY, None), Window(DAY + timedelta(days=1), None), Window(None, DAY))
    norms = tuple(replace(norm, window=window) for norm, window in zip(library.norms, windows, strict=True))
    library = replace(library, norms=norms)
    with as_plain_python():
        compiled, plain = CompiledColumns(Columns(library), 0), Columns(library)
        for seed in range(4):
            table = drawn(library, 100, seed, rows=3)
            for part in (table, of_one_agency(table)):
                assert_same(compiled.judge(part), plain.judge(part))
        assert "tell" in compiled.compiled


def test_law_dates_of_other_centuries_are_left_to_the_numpy_engine() -> None:
    library = window_law()
    days = [(date(year, 3, 1) - date(1970, 1, 1)).days for year in (1805, 1859, 1861, 2016, 2078, 2081, 2190)]
    table = drawn(library, 300, 9, days=days)
    with as_plain_python():
        compiled, plain = CompiledColumns(Columns(library), 0), Columns(library)
        for part in (table, table, of_one_agency(table), of_one_agency(table)):
            assert_same(compiled.judge(part), plain.judge(part))


def test_states_never_met_are_learned_and_then_judged_by_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    library = window_law()
    left: list[int] = []
    judge = Loop.judge

    def counted(self: Loop, *arguments: Any) -> Any:
        found = judge(self, *arguments)
        left.append(-1 if found is None else found.count)
        return found

    monkeypatch.setattr(Loop, "judge", counted)
    # Law dates of which the first cases meet every version.
    table = drawn(library, 400, 10, days=[(DAY - date(1970, 1, 1)).days])
    # States whose missing fact lies in a row are finished case by case; without such, all are learned.
    table = replace(table, lists={n: replace(r, complete=np.ones(400, bool)) for n, r in table.lists.items()})
    for rows in table.lists.values():
        for column in rows.columns.values():
            column.values[(column.values == 1) & (column.kind == "yes/no")] = 0
            if column.kind == "date":
                column.values[column.values == NO_DAY] = 0
    with as_plain_python():
        compiled, plain = CompiledColumns(Columns(library, ["tell"]), 0), Columns(library, ["tell"])
        compiled.judge(first_cases(table, 6))
        for _ in range(2):
            assert_same(compiled.judge(table), plain.judge(table))
    assert left[0] > 0
    assert left[1:] == [0]


def test_a_person_asked_one_by_one_is_asked_again() -> None:
    """Where the one-case engine must be asked, loops do not answer from memory."""
    words = tuple(replace(w, counsel=True) if w.name == "served" else w for w in random_law.VOCABULARY.facts)
    vocabulary = replace(random_law.VOCABULARY, facts=words)
    library = library_of(And((Fact("served"), Fact("warrant"))), vocabulary=vocabulary)
    cases = [Case(AGENCY, DAY, {"served": s, "warrant": w}) for s in (None, True, False) for w in (None, True)]
    table = tabulate(cases, vocabulary)
    one = Asked(library)
    with as_plain_python():
        compiled = CompiledColumns(Columns(library, judge_one=one.judge_one(cases)), 0)
        for _ in range(3):
            judged = compiled.judge(table)
            for i, case in enumerate(cases):
                assert judged.judgement("tell", i) == one.of_case(case, "tell")


def judged_by_loops(compiled: CompiledColumns, table: CaseTable) -> list[Any]:
    """What each loop finds, None where it refuses the table."""
    ready = compiled._ready
    assert ready is not None
    law = compiled._law(ready, table)
    block, filled = engine.Block(table, compiled._columns.library), np.empty(len(table), np.int32)
    return [loop.judge(block, law, learned, filled) for loop, learned in ready.loops]


def test_a_table_that_does_not_hold_together_is_the_numpy_engines_to_refuse() -> None:
    library = window_law()
    size = 2 * 4096
    table = drawn(library, size + 10, 11, rows=2)
    rows = table.lists["convictions"]
    falling, falling_far, negative = rows.offsets.copy(), rows.offsets.copy(), rows.offsets.copy()
    falling[50] = falling[60] + 1
    falling_far[4096], falling_far[size] = rows.offsets[size], rows.offsets[4096]
    negative[0] = -1
    short = {n: replace(c, values=c.values[:-1]) for n, c in rows.columns.items() if c.kind == "yes/no"}
    broken = [replace(rows, offsets=o) for o in (falling, falling_far, negative, rows.offsets[:-1])]
    broken.append(replace(rows, columns={**rows.columns, **short}))
    with as_plain_python():
        compiled = CompiledColumns(Columns(library, ["tell", "copy"]), 0)
        compiled.judge(first_cases(table, 100))
        assert compiled.compiled == ("tell", "copy")
        for one in broken:
            lists = {**table.lists, "convictions": one}
            tell, copy = judged_by_loops(compiled, replace(table, lists=lists))
            assert tell is None
            assert copy is not None  # looks at other rows


# -- when, and from what ----------------------------------------------------------------------------------------------


def test_loops_are_compiled_after_so_many_cases_and_again_for_other_columns() -> None:
    library = window_law()
    table = drawn(library, 100, 12)
    fewer = replace(table, columns={n: c for n, c in table.columns.items() if n != "form"})
    with as_plain_python():
        compiled, plain = CompiledColumns(Columns(library), 250), Columns(library)
        for part, loops_ in (
            (table, False),
            (table, False),
            (table, True),
            (fewer, False),
            (fewer, False),
            (fewer, True),
        ):
            assert_same(compiled.judge(part), plain.judge(part))
            assert bool(compiled.compiled) == loops_


def test_sources_hold_no_text_of_the_library() -> None:
    library = window_law()
    with as_plain_python() as sources:
        compiled = CompiledColumns(Columns(library), 0)
        compiled.judge(drawn(library, 100, 13))
        compiled.judge(drawn(library, 100, 13))
    names = {w for text in sources for w in re.findall(r"[A-Za-z_]\w*", text)}
    of_python = {"def", "for", "in", "range", "if", "else", "return", "min", "max", "len", "False", "loop"}
    of_numpy = {"np", "U", "NO", "int32", "int64", "uint8", "uint16", "uint32", "zeros", "empty"}
    local = r"[acgijknqtwz]|[agkwh]\d+(_\d+)?|v?s\d+_\d+|(first|most|own|offsets|words|classes)\d+"
    local += r"|day|several|given|by_day|undated|undated_of|lines|line|judged|law_out|out|mask|wrong|size|begin|end"
    local += r"|slot|bits|found|falls"
    assert sources
    assert {n for n in names - of_python - of_numpy if not re.fullmatch(local, n)} == set()
    assert not any(quote in text for text in sources for quote in "\"'#")


def test_without_numba_the_engine_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match="numba"):
        CompiledColumns(Columns(window_law()))


# -- machine code -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_machine_code_says_what_the_numpy_engine_says() -> None:
    library = library_of(
        Some(
            "convictions",
            And((
                Within(Name("date", True), 5, "years", Name("law date"), False, True),
                Compare(">=", Name("date", True), Name("booked")),
                Not(Within(Name("date", True), 1, "months", Name("received"), True)),
                OneOf(Name("grade", True), ("felony",)),
                Fact("warrant"),
            )),
        ),
        Some("charges", And((Fact("dropped", True), Compare("<", Name("filed", True), Literal(DAY))))),
        Compare("is", Name("form"), Literal("N")),
        Compare("<", Name("received"), Name("law date")),
    )  # fmt: skip
    compiled, plain = CompiledColumns(Columns(library, ["tell"]), 0), Columns(library, ["tell"])
    for seed in range(4):
        table = drawn(library, 3000, seed)
        for part in (table, of_one_agency(table)):
            assert_same(compiled.judge(part), plain.judge(part))
    assert compiled.compiled == ("tell",)
    # Columns in another form: with gaps between the values, or of another width.
    column = table.columns["warrant"]
    gaps = replace(column, values=np.repeat(column.values, 2)[::2])
    other = replace(
        table, law_date=table.law_date.astype(np.int64), columns={**table.columns, "warrant": gaps},
    )  # fmt: skip
    assert_same(compiled.judge(other), plain.judge(table))


@pytest.mark.slow
def test_machine_code_on_the_workload_of_the_benchmark() -> None:
    from bench.detainer_ca.comity_side import case_table, load_law, reason_codes
    from bench.detainer_ca.workload import ACTION, CODES, block, by_hand, case_rows

    from comity.audit.reading.stretches import cases_at

    library = load_law().law
    cases = block(20_000)
    whole = case_table(cases)
    parts = [cases_at(whole, np.arange(start, start + 2_000)) for start in range(0, 20_000, 2_000)]
    compiled = CompiledColumns(Columns(library, [ACTION]), 0)
    expected = np.array([CODES[by_hand(*row)] for row in case_rows(cases)], np.uint8)
    assert (np.concatenate([reason_codes(compiled.judge(part)) for part in parts]) == expected).all()
    assert compiled.compiled == (ACTION,)
    plain = Columns(library, [ACTION])
    assert_same(compiled.judge(whole), plain.judge(whole))
    # Two threads, one of them learning.
    compiled = CompiledColumns(Columns(library, [ACTION]), 0)
    with ThreadPoolExecutor(2) as threads:
        codes = list(threads.map(lambda part: reason_codes(compiled.judge(part)), parts))
    assert (np.concatenate(codes) == expected).all()
