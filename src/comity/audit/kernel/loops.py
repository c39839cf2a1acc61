"""Compiled loops: one per action, called with a block of cases and the tables of what has been learned."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from comity.audit.columns import Columns
from comity.audit.kernel.layouts import CaseLayout, RowLayout, case_layout, row_layout
from comity.audit.kernel.parameters import Block
from comity.audit.kernel.source import LoopSource, loop_source
from comity.audit.kernel.tables import JudgementTable, judgement_table, row_tables
from comity.audit.plan import Plan
from comity.audit.tables import NO_DAY, Array
from comity.audit.teller import Teller

__all__ = ["LawOfCases", "Learned", "Loop", "Open", "compiled", "is_compiled", "loop_of"]

#: A compiled loop; see ``source.LoopSource`` for what it is called with.
Run = Callable[..., int]


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a loop looks up: the words and the classes of each pass, and judgements by code."""

    rows: tuple[tuple[Array, Array], ...]
    cases: JudgementTable


@dataclass(frozen=True, slots=True, eq=False)
class LawOfCases:
    """The law version of each case, one more than its position; 0 where it is not known.

    ``given``: int32 per case; or None where there is one agency: then ``by_day`` (uint16, by place from ``FIRST_DAY``)
    and, for cases without a law date, ``undated``.
    """

    given: Array | None
    by_day: Array
    undated: int


@dataclass(frozen=True, slots=True, eq=False)
class Open:
    """The judgement of each case (int32), -1 where it was left open, and how many were."""

    judgements: Array
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """The loop of one action."""

    action: str
    source: LoopSource
    rows: tuple[RowLayout, ...]
    cases: CaseLayout

    @property
    def kinds(self) -> tuple[str, ...]:
        """The type of everything that the loop is called with."""
        found = ["int32", "bool", "int32", "uint16", "uint64", *(p.kind for p in self.source.parameters)]
        for row in self.rows:
            found += ["int64", np.dtype(row.word).name, "int32"]
        return (*found, "uint64", "int32", "int32", "int32", "int32")

    def learned(self, engine: Columns, teller: Teller, ask_one: bool) -> Learned | None:
        """The tables of what an engine has learned; None where they would be too large."""
        cases = judgement_table(self.cases, self.rows, teller, ask_one)
        if cases is None:
            return None
        rows = []
        for layout, own in zip(self.rows, teller.classes, strict=True):
            tables = row_tables(layout, engine.passes[layout.place], own)
            if tables is None:
                return None
            rows.append(tables)
        return Learned(tuple(rows), cases)

    def judge(self, block: Block, law: LawOfCases, learned: Learned, law_out: Array) -> Open | None:
        """Judge each case as far as was learned; fills ``law_out`` with the positions of law versions (int32).

        None for a table that does not hold together: the numpy engine says what is wrong with it.
        """
        table = block.table
        size = len(table)
        lengths = {name: int(rows.offsets[-1]) for name, rows in table.lists.items() if len(rows.offsets) == size + 1}
        lengths[""] = size
        given = _NONE_GIVEN if law.given is None else law.given
        values = [table.law_date, law.given is not None, given, law.by_day, law.undated]
        for parameter in self.source.parameters:
            array = parameter.fixed if parameter.made is None else parameter.made(block)
            assert array is not None
            if parameter.made is not None and len(array) != lengths.get(parameter.of):
                return None
            values.append(array)
        for layout, (words, classes) in zip(self.rows, learned.rows, strict=True):
            offsets = table.lists[layout.list_].offsets
            if layout.list_ not in lengths or int(offsets[0]) < 0:
                return None
            values += [offsets, words, classes]
        found = np.empty(size, np.int32)
        values += [learned.cases.lines, learned.cases.undated, learned.cases.judged, law_out, found]
        run = compiled(self.source.text, self.kinds)
        try:
            count = run(*values)
        except TypeError:  # a column of another type, or one with gaps between its values
            count = run(*(_in_form(v, k) for v, k in zip(values, self.kinds, strict=True)))
        return None if count < 0 else Open(found, count)


_NONE_GIVEN: Final = np.zeros(0, np.int32)


def _in_form(value: Any, kind: str) -> Any:
    return np.require(value, kind, ["C", "A"]) if isinstance(value, np.ndarray) else value


def loop_of(engine: Columns, plan: Plan, teller: Teller) -> Loop | None:
    """The loop of an action; None where none fits."""
    asked = [[n for nodes in own.nodes for n in nodes] for own in teller.classes]
    rows = [row_layout(plan, p, nodes, engine.library) for p, nodes in zip(teller.places, asked, strict=True)]
    fitting = tuple(row for row in rows if row is not None)
    cases = case_layout(teller, plan)
    if cases is None or len(fitting) < len(rows):
        return None
    return Loop(teller.planned.action, loop_source(fitting, cases, plan.schema), fitting, cases)


# -- compiling --------------------------------------------------------------------------------------------------------

_lock = threading.Lock()
#: The compiled loops of this process: many actions have the same source.
_runs: dict[tuple[str, tuple[str, ...]], Run] = {}


def is_compiled(loop: Loop) -> bool:
    """Whether a like loop was compiled already."""
    return (loop.source.text, loop.kinds) in _runs


def compiled(text: str, kinds: tuple[str, ...]) -> Run:
    """The loop as machine code; takes about a second the first time."""
    known = _runs.get((text, kinds))
    if known is not None:
        return known
    import numba
    from numba import types

    with _lock:
        if (text, kinds) not in _runs:
            scope: dict[str, Any] = {"np": np, "U": np.uint64, "NO": np.int32(NO_DAY)}
            exec(compile(text, "<law>", "exec"), scope)
            given = [numba.from_dtype(np.dtype(kind)) for kind in kinds]
            # "Several" and "undated" are single values, and the last two arrays are filled.
            signature = types.int64(
                *(
                    kind if at in (1, 4) else types.Array(kind, 1, "C", readonly=at < len(given) - 2)
                    for at, kind in enumerate(given)
                )
            )
            _runs[text, kinds] = numba.njit(signature, nogil=True, boundscheck=False)(scope["loop"])
        return _runs[text, kinds]
