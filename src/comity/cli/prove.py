"""``comity prove``: claims about every possible case, proved or broken."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli.exits import BAD_INPUT, FAILED, OPEN
from comity.cli.options import JSON, SECONDS
from comity.cli.screen import counted, paint, show_problems, width, wrap
from comity.problems import ComityError, Problem, nearest

if TYPE_CHECKING:
    from comity.policy.claims import Claim
    from comity.policy.library import Library
    from comity.proving.proofs import Proof

__all__ = ["command", "need_solver"]

_MARKS = {"proved": ("✔", "green"), "broken": ("✘", "red"), "undecided": ("?", "yellow")}
_GIVEN = "claim"


@click.command("prove")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[FOLDER]")
@click.option("--only", metavar="WORDS", multiple=True, help="Only claims whose title holds these words.")
@click.option("--claim", "given", metavar="TEXT", multiple=True, help="A claim of your own: '[whenever …] then …'.")
@click.option("--agency", metavar="ID", help="The agency of --claim; several with commas, or 'all of PLACE'.")
@SECONDS
@click.option("--save", type=click.Path(path_type=Path), metavar="DIR",
              help="Write each counter-example there, as a case file and as an example.")  # fmt: skip
@click.option("--twice", is_flag=True, help="A second opinion: where cases are few, try every one of them too.")
@JSON
def command(
    folder: Path | None,
    only: tuple[str, ...],
    given: tuple[str, ...],
    agency: str | None,
    seconds: float,
    save: Path | None,
    twice: bool,
    as_json: bool,
) -> None:
    """Prove every claim of the library in FOLDER (default: the packaged law), or show the case that breaks it.

    A proof holds for all cases: every fact, every number of convictions, every day of the claim. Not legal advice.
    """
    need_solver()
    from comity.api import PACKAGED
    from comity.language.read import library_files, read_library
    from comity.proving.proofs import BROKEN, UNDECIDED, assumptions_told, proofs

    if agency and not given:
        raise _misused("--agency is for --claim", "say what is claimed, or take --agency away")
    if save is not None:
        _check_folder(save)
    if given and not agency:
        raise _misused("--claim needs to know whose law it is about", "add --agency ID, or --agency 'all of us/ca'")
    files = library_files(folder or PACKAGED)
    try:
        library = read_library({**files, **_pages(given, agency or "")})
    except ComityError as error:
        show_problems(error.problems, files)
        click.echo(f"{counted(len(error.problems), 'problem')}; nothing was proved", err=True)
        sys.exit(BAD_INPUT)
    claims = _chosen(library, only, bool(given))
    found: list[Proof] = []
    for proof in proofs(library, claims, seconds, twice=twice):
        found.append(proof)
        if not as_json:
            _show(proof, library)
    if save is not None:
        _save(found, library, save, quiet=as_json)
    if as_json:
        click.echo(json.dumps(_data(found, library), ensure_ascii=False, indent=2))
    else:
        click.echo()
        for line in wrap(f"Assumed: {'; '.join(assumptions_told(library))}.", 0, width()):
            click.echo(line)
        count = Counter(p.status for p in found)
        told = ", ".join(f"{count[s]} {s}" for s in _MARKS if count[s]) or "none"
        spent = sum(p.seconds for p in found)
        click.echo(f"{counted(len(found), 'claim')}: {told}, in {spent:.1f} s · not legal advice")
    if any(p.status == BROKEN for p in found):
        sys.exit(FAILED)
    if any(p.status == UNDECIDED for p in found):
        sys.exit(OPEN)


def need_solver() -> None:
    """Raise CM780 where Z3 is not installed."""
    try:
        import z3  # noqa: F401
    except ImportError:
        help_ = "install what it needs: pip install 'comity[prove]'"
        raise ComityError([Problem("CM780", "proofs need 'z3', which is not installed", help=help_)]) from None


def _misused(message: str, help_: str) -> ComityError:
    return ComityError([Problem("CM781", message, help=help_)])


def _pages(given: tuple[str, ...], agency: str) -> dict[str, bytes]:
    """Claims of the command line as a page of the library, so that its reader tells what is wrong with them."""
    if not given:
        return {}
    lines = ["---", "title: Claims of the command line", "---", "", "```check"]
    for number, text in enumerate(given, 1):
        lines += [f"{_GIVEN} {number}", f"    agency {agency}"]
        clauses = re.split(r"\s+(?=(?:whenever|changing only|in force|then) )", " ".join(text.split()))
        lines += [f"    {clause}" for clause in clauses]
    try:
        return {"command line.md": "\n".join([*lines, "```", ""]).encode()}
    except UnicodeEncodeError:
        raise _misused("the claim or its agency is not readable text", "write it in UTF-8") from None


def _chosen(library: Library, only: tuple[str, ...], given: bool) -> list[Claim]:
    own = [c for c in library.claims if c.span is not None and c.span.file == "command line.md"]
    claims = own if given else list(library.claims)
    for words in only:
        kept = [c for c in claims if words.lower() in c.title.lower()]
        if not kept:
            near = nearest(words, [c.title for c in claims])
            help_ = f"did you mean '{near}'?" if near else "'comity prove' lists every claim"
            raise _misused(f"no claim has '{words}' in its title", help_)
        claims = kept
    return claims


def _show(proof: Proof, library: Library) -> None:
    from comity.proving.stories import claim_words, story

    mark, colour = _MARKS[proof.status]
    columns = width()
    claim = proof.claim
    click.echo(paint(f"{mark} {claim.title}", fg=colour, bold=True))
    place = f"  {claim.span.file}:{claim.span.line}" if claim.span is not None else ""
    agencies = claim.agencies[0] if len(claim.agencies) == 1 else f"{len(claim.agencies)} agencies"
    window = "" if str(claim.window) == "always" else f", {claim.window}"
    for line in wrap(f"{claim_words(claim)}: {agencies}{window}", 4, columns):
        click.echo(line)
    told = f"{counted(proof.laws, 'law')} looked at, {proof.bound}" if proof.status == "proved" else proof.why
    for line in wrap(f"{told} {place}" if told else place, 4, columns):
        click.echo(paint(line, dim=True))
    if proof.second is not None and proof.second.laws:
        second = proof.second
        words = (
            f"second opinion: {second.cases:,} cases of {second.laws} of {counted(second.of, 'law')} tried one by one"
        )
        for line in wrap(words, 4, columns):
            click.echo(paint(line, dim=True))
    if proof.counter is not None:
        click.echo("    A case that breaks it:")
        for sentence in story(proof.counter, library):
            for line in wrap(sentence, 6, columns):
                click.echo(line)
        click.echo(paint(f"      Confirmed by {' and '.join(proof.counter.confirmed)}.", dim=True))


def _check_folder(folder: Path) -> None:
    """Refuse a place that cannot be used before the first proof, not after the last."""
    if not str(folder).strip() or folder == Path("."):
        raise _misused("--save needs the name of a folder", "such as --save found")
    if folder.exists() and not folder.is_dir():
        raise _misused(f"'{folder}' is a file", "name a folder")
    if folder.is_dir() and (any(folder.glob("counter-example-*.yaml")) or (folder / "examples.md").exists()):
        raise _misused(f"'{folder}' holds counter-examples already", "name another folder, or empty it")


def _save(found: list[Proof], library: Library, folder: Path, *, quiet: bool) -> None:
    from comity.cli.saving import save_text
    from comity.decide.casewriting import write_case
    from comity.proving.stories import claim_words, example_text

    try:
        folder.mkdir(parents=True, exist_ok=True)
        examples = []
        for number, proof in enumerate((p for p in found if p.counter is not None), 1):
            counter = proof.counter
            assert counter is not None
            about = f"It breaks the claim: {claim_words(proof.claim)}."
            title = f"counter-example {number}: {proof.claim.title}"
            save_text(
                folder / f"counter-example-{number}.yaml", write_case(counter.case, library, title=title, about=about)
            )
            outcome = counter.shown.outcome if counter.shown.outcome != "conflict" else "ask counsel"
            examples.append(example_text(counter.case, counter.action, outcome, library, title=title))
        if examples:
            save_text(folder / "examples.md", "```check\n" + "".join(examples) + "```\n")
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        raise _misused(f"'{folder}' cannot be written: {reason}", "name another folder") from None
    if not quiet:
        click.echo(f"{counted(len(examples), 'counter-example')} written to {folder}")


def _data(found: list[Proof], library: Library) -> dict[str, Any]:
    from comity.proving.proofs import PROVED, assumptions_told
    from comity.proving.stories import claim_words, story

    def one(proof: Proof) -> dict[str, Any]:
        claim, counter = proof.claim, proof.counter
        data: dict[str, Any] = {
            "title": claim.title,
            "at": str(claim.span) if claim.span is not None else "",
            "agencies": list(claim.agencies),
            "in_force": str(claim.window),
            "says": claim_words(claim),
            "status": proof.status,
            "laws": proof.laws,
            "rows": dict(proof.bound.rows),
            "bound": str(proof.bound),
            "seconds": round(proof.seconds, 3),
        }
        if proof.second is not None:
            data["second_opinion"] = {"laws": proof.second.laws, "of": proof.second.of, "cases": proof.second.cases}
        if proof.why:
            data["why"] = proof.why
        if counter is not None:
            data["counter_example"] = {
                "action": counter.action,
                "agency": counter.case.agency.id,
                "law_date": str(counter.case.law_date),
                "outcome": counter.shown.outcome,
                "because": list(counter.shown.because),
                "story": story(counter, library),
                "confirmed": list(counter.confirmed),
            }
        return data

    return {
        "proved": all(p.status == PROVED for p in found),
        "claims": [one(p) for p in found],
        "assumptions": assumptions_told(library),
        "library": {"version": library.version, "sha256": library.sha256},
    }
