"""Judgements kept while an audit runs, stretch by stretch, so that a stopped audit can go on where it was.

Records are read again, which is quick and leaves nothing to get wrong; what was judged is not judged again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from comity.audit.judgement import Engine, Judged, Judgement, LawVersion
from comity.audit.reading.stretches import cases_at
from comity.audit.tables import Array, CaseTable
from comity.calendar import Window

__all__ = ["Remembering"]

_ALL: Final = 2**62


class Remembering:
    """An engine that writes down what another engine says, and reads what was written instead of asking again.

    Stretches must come in the same order as before.  Positions of judgements are its own.  A slow engine is given
    ``at_once`` cases at a time, so that little is lost when it is stopped.  ``cases``: those read from ``folder``.
    """

    def __init__(self, engine: Engine, folder: Path, *, resume: bool, at_once: int = _ALL) -> None:
        self.name = engine.name
        self.cases = 0
        self._engine = engine
        self._folder = folder
        self._at_once = at_once
        self._next = 0
        self._reading = resume
        self._renumbering = False
        self._laws: list[LawVersion] = []
        self._judgements: dict[str, list[Judgement]] = {}
        #: How much of those lists the parts written so far tell.
        self._told: dict[str, int] = {}
        # The engine's words -> our positions; empty while its positions are ours.
        self._law_places: dict[LawVersion, int] = {}
        self._places: dict[str, dict[Judgement, int]] = {}

    def judge(self, table: CaseTable, done: Callable[[int], None] = lambda cases: None) -> Judged:
        """The judgement of a stretch, remembered or new; ``done`` is told how many of its cases are judged."""
        if len(table) <= self._at_once:
            return self._part(table)
        parts = []
        for start in range(0, len(table), self._at_once):
            stop = min(start + self._at_once, len(table))
            parts.append(self._part(cases_at(table, np.arange(start, stop))))
            done(stop)
        actions = {a: np.concatenate([p.actions[a] for p in parts]) for a in parts[0].actions}
        return Judged(table, self._laws, np.concatenate([p.law for p in parts]), self._judgements, actions)

    def _part(self, table: CaseTable) -> Judged:
        part = self._folder / f"{self._next:06}.arrow"
        self._next += 1
        if self._reading:
            judged = self._read(part, table)
            if judged is not None:
                self.cases += len(table)
                self._renumbering = True
                return judged
            # From here on nothing was finished; what stands behind belongs to no unbroken row of parts.
            self._reading = False
        judged = self._engine.judge(table)
        if self._renumbering:
            judged = self._renumbered(judged)
        else:
            self._laws[:] = judged.laws
            for action, known in judged.judgements.items():
                mine = self._judgements.setdefault(action, [])
                mine.extend(known[len(mine) :])
            judged = Judged(table, self._laws, judged.law, self._judgements, judged.actions)
        self._write(part, judged)
        return judged

    # -- positions --------------------------------------------------------------------------------------------------

    def _renumbered(self, judged: Judged) -> Judged:
        laws = _numbered(judged.laws, self._laws, self._law_places)
        actions = {}
        for action, codes in judged.actions.items():
            known = self._judgements.setdefault(action, [])
            places = _numbered(judged.judgements[action], known, self._places.setdefault(action, {}))
            actions[action] = places[codes]
        return Judged(judged.table, self._laws, laws[judged.law], self._judgements, actions)

    # -- files ------------------------------------------------------------------------------------------------------

    def _write(self, part: Path, judged: Judged) -> None:
        new = {"": [_law_data(law) for law in self._laws[self._told.get("", 0) :]]}
        self._told[""] = len(self._laws)
        for action in judged.actions:
            known = self._judgements[action]
            new[f"/{action}"] = [_judgement_data(j) for j in known[self._told.get(f"/{action}", 0) :]]
            self._told[f"/{action}"] = len(known)
        columns = {"law": _small(judged.law)} | {
            f"/{action}": _small(codes) for action, codes in judged.actions.items()
        }
        batch = pa.record_batch(columns).replace_schema_metadata({"new": json.dumps(new), "first": _mark(judged.table)})
        temporary = part.with_suffix(".part")
        with pa.OSFile(str(temporary), "wb") as file, pa.ipc.new_file(file, batch.schema) as out:
            out.write_batch(batch)
        os.replace(temporary, part)

    def _read(self, part: Path, table: CaseTable) -> Judged | None:
        """What was written of this stretch; None when there is nothing, or not of this stretch."""
        try:
            with pa.OSFile(str(part)) as file, pa.ipc.open_file(file) as kept:
                batch = kept.read_all().combine_chunks()
            told = batch.schema.metadata
            if len(batch) != len(table) or told[b"first"].decode() != _mark(table):
                return None
            new: dict[str, list[Any]] = json.loads(told[b"new"])
            arrays = {name: np.asarray(batch.column(name)) for name in batch.column_names}
        except (OSError, pa.ArrowException, KeyError, ValueError):
            return None
        for name, added in new.items():
            if name:
                self._judgements.setdefault(name[1:], []).extend(map(_judgement, added))
                self._told[name] = len(self._judgements[name[1:]])
            else:
                self._laws += map(_law, added)
                self._told[""] = len(self._laws)
        actions = {name[1:]: array.astype(np.int32) for name, array in arrays.items() if name != "law"}
        return Judged(table, self._laws, arrays["law"].astype(np.int32), self._judgements, actions)


def _numbered(theirs: Any, ours: list[Any], places: dict[Any, int]) -> Array:
    """For each of their positions, ours; what we do not have yet is added."""
    if not places:
        places.update((one, place) for place, one in enumerate(ours))
    found = []
    for one in list(theirs):
        place = places.setdefault(one, len(ours))
        if place == len(ours):
            ours.append(one)
        found.append(place)
    return np.array(found or [0], np.int32)


def _small(codes: Array) -> pa.Array:
    most = int(codes.max(initial=0))
    return pa.array(codes.astype(np.uint8 if most < 256 else np.uint16 if most < 65_536 else np.int32))


def _mark(table: CaseTable) -> str:
    """What a stretch is known by: its first and last record."""
    return f"{table.numbers[0]}-{table.numbers[-1]}" if len(table) else ""


def _law_data(law: LawVersion) -> list[Any]:
    if law.window is None:
        return [law.agency]
    return [law.agency, *(None if day is None else day.isoformat() for day in (law.window.start, law.window.end))]


def _law(data: list[Any]) -> LawVersion:
    if len(data) == 1:
        return LawVersion(data[0], None)
    return LawVersion(data[0], Window(*(None if day is None else date.fromisoformat(day) for day in data[1:])))


def _judgement_data(judgement: Judgement) -> list[Any]:
    return [getattr(judgement, name) for name in Judgement.__dataclass_fields__]


def _judgement(data: list[Any]) -> Judgement:
    outcome, reason, layers, *rest = data
    return Judgement(outcome, reason, tuple((a, b) for a, b in layers), *map(tuple, rest))
