"""What one audit is asked to do, and the command that says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from comity.audit.outputs.decisions import COLUMNS

__all__ = ["Assignment", "base_name"]


def base_name(source: str) -> str:
    """A file without its folder; an address of a database without user, password and host."""
    scheme, sign, rest = source.partition("://")
    if sign:
        # An unescaped / or ? in a password must not make its end look like the name of the database.
        return f"{scheme}://…/{rest.rpartition('@')[2].partition('?')[0].rpartition('/')[2]}"
    return Path(source).name


@dataclass(frozen=True, slots=True)
class Assignment:
    """One audit.

    ``records``: a path or an address; ``mapping``: a path or a built-in name, "" for the built-in one that fits.
    ``children``: (list, file).  ``law_date``: one day for all cases, a what-if.  ``actions``: names, none for those the
    law and the records speak of.  ``told``: keys of ``decisions.COLUMNS``.  ``sample``: cases, 0 for all of them.
    ``most_kept``: cases with findings whose facts are kept, for each severity.  ``most_inflated``: bytes a compressed
    file may grow to, 0 for the usual limits.
    """

    records: str
    out: Path
    mapping: str = ""
    table: str = ""
    agency: str = ""
    agency_column: str = ""
    law_date: date | None = None
    children: tuple[tuple[str, str], ...] = ()
    engine: str = "columns"
    actions: tuple[str, ...] = ()
    format: str = "parquet"
    told: tuple[str, ...] = tuple(COLUMNS)
    sample: int = 0
    seed: int = 0
    report: bool = True
    most_kept: int = 10_000
    most_inflated: int = 0

    def command(self, mapping: str) -> list[str]:
        """The command line, names of files without their folders; ``mapping``: the name of the mapping used.

        What does not change a file that comes out is left out: the folder, the engine, ``--resume`` and the like.
        """
        return ["comity", "audit", base_name(self.records), "--map", mapping, *self._options()]

    def _options(self) -> Iterator[str]:
        told = (
            ("--table", self.table),
            ("--agency", self.agency),
            ("--agency-column", self.agency_column),
            ("--at", self.law_date.isoformat() if self.law_date else ""),
            *(("--list", f"{name}={base_name(file)}") for name, file in self.children),
            *(("--action", name.replace(" ", "_")) for name in self.actions),
            ("--format", "" if self.format == "parquet" else self.format),
            ("--columns", "" if self.told == tuple(COLUMNS) else ",".join(self.told)),
            ("--sample", str(self.sample or "")),
            ("--seed", str(self.seed) if self.sample else ""),
            ("--keep-cases", "" if self.most_kept == 10_000 else str(self.most_kept)),
        )
        for option, value in told:
            if value:
                yield option
                yield value
        if not self.report:
            yield "--no-report"
