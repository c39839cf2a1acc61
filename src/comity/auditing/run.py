"""One audit from its records to a folder of outputs."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from comity import __version__
from comity.api import Library
from comity.audit.chunks import Chunk
from comity.audit.outputs import Outputs
from comity.audit.outputs.background import Background
from comity.audit.outputs.files import CASES, Counts
from comity.audit.outputs.manifest import write_manifest
from comity.audit.outputs.parts import Remembering
from comity.audit.outputs.workspace import Workspace, open_workspace
from comity.audit.quality import Quality
from comity.audit.reading.ahead import ahead
from comity.audit.sampling import Sample
from comity.audit.summary import Summary
from comity.audit.tables import CaseTable
from comity.auditing.assignment import Assignment
from comity.auditing.casefacts import CaseFiles
from comity.auditing.engines import AT_ONCE, engine
from comity.auditing.source import CHUNK_ROWS, Progress, Source, open_source
from comity.policy.facts import Action
from comity.problems import ComityError, Problem

__all__ = ["AuditStopped", "Result", "audit"]

MAPPING = "mapping.yaml"
REPORT = "report.html"

#: How long a stopped audit waits for the hash of its input, without which it cannot be resumed.
_PATIENCE = 60.0


class AuditStopped(KeyboardInterrupt):
    """Ctrl-C.  ``kept`` tells whether the audit can be resumed."""

    def __init__(self, kept: bool) -> None:
        self.kept = kept
        super().__init__()


@dataclass(frozen=True, slots=True)
class Result:
    """What an audit came to.

    ``figures`` is ``Summary.to_data()``.  ``resumed``: cases whose judgement was kept from before.  ``sampled_from``:
    cases met where a sample was taken, else None.  ``seconds``: the whole time, and that of judging.
    """

    assignment: Assignment
    folder: Path
    actions: tuple[Action, ...]
    counts: Counts
    quality: Quality
    figures: dict[str, Any]
    resumed: int
    sampled_from: int | None
    mapping: str
    seconds: float
    judging: float


def audit(
    assignment: Assignment, library: Library, *, resume: bool = False, force: bool = False, progress: Progress
) -> Result:
    """Run an audit and write its folder.

    Raises ComityError for what cannot be used or written, and AuditStopped for Ctrl-C.  Either leaves no folder called
    as was asked; where stretches were judged already, they are kept to resume from.
    """
    source = open_source(assignment, library)
    workspace = open_workspace(assignment.out, resume=resume, force=force)
    state = _State(source, workspace)
    run = _Run(source, workspace, state, progress)
    try:
        return run.run(resume)
    except KeyboardInterrupt:
        state.finish(_PATIENCE)
        raise AuditStopped(workspace.stop(keep=True)) from None
    except (OSError, pa.ArrowException, MemoryError) as error:
        state.finish(_PATIENCE)
        raise _failed(error, kept=workspace.stop(keep=True)) from None
    except BaseException:
        # What an earlier run judged is not thrown away because this one was asked for something else; nor what this
        # one judged, when only the report could not be made.
        workspace.stop(keep=resume or run.judged)
        raise


class _State:
    """Of what audit this is.  The input is hashed in a thread, while it is read for the first time."""

    def __init__(self, source: Source, workspace: Workspace) -> None:
        self._source = source
        self._workspace = workspace
        self._hashes: list[dict[str, str]] = []
        self._error: BaseException | None = None
        self._kept = False
        self._thread = threading.Thread(target=self._hash, name="comity-hash", daemon=True)
        self._thread.start()

    def _hash(self) -> None:
        try:
            self._hashes = self._source.hashes()
        except BaseException as error:  # told to whoever asks for the hashes
            self._error = error

    @property
    def hashes(self) -> list[dict[str, str]]:
        """The hashes of every file read."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._hashes

    def told(self) -> dict[str, Any]:
        """What a resumed audit must have in common with the stopped one."""
        source = self._source
        library = source.library
        told = {
            f"records ({i['name']})" if "list" not in i else f"table ({i['name']})": i["sha256"] for i in self.hashes
        }
        return told | {
            "comity version": __version__,
            "engine": source.assignment.engine,
            "law": library.sha256,
            "mapping": source.mapping_sha256,
            "options": source.assignment.command("")[3:],
        }

    def try_keep(self) -> None:
        """Write it down as soon as it is known."""
        if not self._kept and not self._thread.is_alive() and self._error is None and all(
            i["sha256"] for i in self._hashes
        ):  # fmt: skip
            self._workspace.keep_state(self.told())
            self._kept = True

    def finish(self, seconds: float) -> None:
        """Wait for the hash, at most so long, and write it down."""
        try:
            self._thread.join(seconds)
            self.try_keep()
        except (OSError, KeyboardInterrupt):
            return


class _Run:
    def __init__(self, source: Source, workspace: Workspace, state: _State, progress: Progress) -> None:
        self.source = source
        self.assignment = source.assignment
        self.library = source.library
        self.workspace = workspace
        self.state = state
        self.progress = progress
        self.quality = Quality()
        self.sample = Sample(self.assignment.sample, self.assignment.seed) if self.assignment.sample else None
        self.judging = 0.0
        self.share: float | None = 0.0
        #: Whether every case has been judged.
        self.judged = False

    def run(self, resume: bool) -> Result:
        began = time.monotonic()
        if resume:
            self.workspace.compare(self.state.told())
        stamps = self.source.stamps()
        actions, agencies = self.source.actions(self.progress)
        names = [a.name for a in actions]
        judge = engine(self.assignment.engine, self.library, names)
        at_once = AT_ONCE.get(self.assignment.engine, CHUNK_ROWS)
        one = Remembering(judge, self.workspace.parts, resume=resume, at_once=at_once)
        outputs = self._outputs(actions, agencies)
        try:
            counts = self._judge(one, outputs)
        except BaseException:
            outputs.drop()
            raise
        if self.source.stamps() != stamps:
            message = f"'{self._records_name()}' changed while it was read"
            raise ComityError([Problem("CM739", message, help="run the audit again when nobody writes to it")])
        self.judged = True
        figures = self._finish(outputs.summary, actions, counts)
        seconds = time.monotonic() - began
        met = None if self.sample is None else self.sample.met
        return Result(
            self.assignment, self.workspace.target, actions, counts, self.quality, figures, one.cases, met,
            self.source.mapping_name, seconds, self.judging,
        )  # fmt: skip

    def _judge(self, one: Remembering, outputs: Outputs) -> Counts:
        done = 0
        with Background() as writer, closing(self._tables(outputs)) as tables:
            for table, share in tables:
                start = time.monotonic()
                judged = one.judge(table, self._step(done, len(table), share))
                self.judging += time.monotonic() - start
                writer.do(partial(outputs.add, judged))
                self.state.try_keep()
                done += len(table)
                self.share = share
                self.progress("judging", done, share)
        self.progress("writing", done, None)
        return outputs.close()

    def _step(self, before: int, size: int, share: float | None) -> Callable[[int], None]:
        """Tells of progress inside one stretch of cases."""
        first = self.share

        def done(cases: int) -> None:
            now = None if share is None or first is None else first + (share - first) * cases / size
            self.progress("judging", before + cases, now)

        return done

    def _outputs(self, actions: tuple[Action, ...], agencies: Iterable[str]) -> Outputs:
        told = self.assignment
        summary = Summary(
            self.library.law,
            [a.name for a in actions] if told.actions else None,
            source=self._records_name(),
            synthetic=self.source.synthetic,
            what_if=told.law_date,
            instead_of=self.source.instead_of,
            stacks={id_: self.library.stack(id_) for id_ in agencies},
        )
        return Outputs(
            self.workspace.files,
            self.workspace.spool,
            self.library.law,
            actions,
            format_=told.format,
            facts=CaseFiles(self.library.law).data,
            summary=summary,
            told=told.told,
            most_kept=told.most_kept,
        )

    def _records_name(self) -> str:
        """What the records are called."""
        return self.assignment.command("")[2]

    def _tables(self, outputs: Outputs) -> Generator[tuple[CaseTable, float | None], None, None]:
        """The cases to judge; rejected records go to their file on the way."""
        if self.sample is None:
            for chunk in self._chunks(outputs):
                yield chunk.table, self.source.share(chunk)
            return
        for chunk in self._chunks(outputs):
            self.sample.add(chunk.table)
            self.progress("reading", chunk.quality.rows, self.source.share(chunk))
        done = 0
        for table in self.sample.chosen():
            done += len(table)
            yield table, done / min(self.assignment.sample, self.sample.met)

    def _chunks(self, outputs: Outputs) -> Iterator[Chunk]:
        with closing(ahead(self.source.chunks(self.sample), 1)) as chunks:  # type: ignore[type-var]
            for chunk in chunks:
                self.quality = chunk.quality
                outputs.reject(chunk.rejected)
                yield chunk

    def _finish(self, summary: Summary, actions: tuple[Action, ...], counts: Counts) -> dict[str, Any]:
        """The report, the mapping and the manifest; then the folder gets its name."""
        source, told = self.source, self.assignment
        summary.note(self.quality)
        command = told.command(source.mapping_name)
        files = self.workspace.files
        figures = summary.to_data()
        if told.report:
            from comity.audit.report import report_html

            self.progress("drawing the report", counts.cases, None)
            words = " ".join(command)
            page = report_html(figures, engine=told.engine, mapping=source.mapping_name, command=words)
            (files / REPORT).write_text(page, "utf-8", newline="\n")
        (files / MAPPING).write_text(source.mapping_text, "utf-8", newline="\n")
        library = self.library
        write_manifest(
            files,
            {
                "comity": __version__,
                "law": {"version": library.version, "sha256": library.sha256},
                "inputs": self.state.hashes,
                "mapping": {"name": source.mapping_name, "sha256": source.mapping_sha256, "file": MAPPING},
                "command": command,
                "engine": told.engine,
                "sample": None if self.sample is None else {
                    "size": told.sample, "seed": told.seed, "of": self.sample.met
                },
                "synthetic": source.synthetic,
                "actions": [a.id for a in actions],
                "columns": list(told.told),
                "counts": {
                    "records": self.quality.rows,
                    "cases": counts.cases,
                    "rejected": counts.rejected,
                    "duplicates": self.quality.duplicates,
                    "findings": counts.by_severity(),
                    "kept in " + CASES: counts.kept,
                    "left out of " + CASES: counts.left_out,
                },
            },
        )  # fmt: skip
        self.workspace.finish()
        return figures


def _failed(error: BaseException, *, kept: bool) -> ComityError:
    told = re.search(r"\[errno (\d+)\]", str(error), re.IGNORECASE)
    number = error.errno if isinstance(error, OSError) and error.errno else int(told[1]) if told else 0
    reason = os.strerror(number) if number else (str(error).splitlines() or ["not enough memory"])[0]
    help_ = "what was judged is kept: mend it, then go on with --resume" if kept else "mend it, then run it again"
    return ComityError([Problem("CM735", f"the audit had to stop: {reason[:1].lower()}{reason[1:]}", help=help_)])
