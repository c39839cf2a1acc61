"""``comity law show``: one instrument, norm, definition, agency or action, with its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from comity.api import PACKAGED, Library
from comity.case import find_agency
from comity.cli.finding import find_action, hanging, instrument_data, iso
from comity.cli.screen import paint, width, wrap
from comity.language import tree
from comity.language.blocks import read_block
from comity.language.document import Block, read_document
from comity.language.format import format_block
from comity.policy.authority import UNHELD, Agency
from comity.policy.facts import Action
from comity.policy.norms import DefinitionVersion, Instrument, Norm
from comity.policy.stack import ActionLaw
from comity.problems import ComityError, Problem, nearest

__all__ = ["Shown", "show"]

Text = Norm | DefinitionVersion


@dataclass(frozen=True, slots=True)
class Shown:
    """The same content as lines for a person and as JSON data."""

    lines: tuple[str, ...]
    data: dict[str, Any]


def show(ref: str, library: Library, folder: Path | None, agency: str | None, at: date | None) -> Shown:
    """What ``ref`` names; ComityError CM203, CM202 or CM404 with the nearest name that exists."""
    law = library.law
    sources = _Sources(library, folder or PACKAGED)
    instrument = law.instrument_table().get(ref)
    if instrument is not None:
        return _instrument(instrument, library, sources, at)
    found = find_agency(ref, law)
    if found is not None:
        return _agency(found, library)
    action = find_action(ref, library)
    if action is not None:
        return _action(action, library, library.agency(agency) if agency else None, at)
    texts = _texts(ref, library)
    if not texts:
        raise _unknown(ref, library)
    living = [t for t in texts if at is None or at in t.window]
    if not living:
        windows = "; ".join(dict.fromkeys(str(t.window) for t in texts))
        raise ComityError([Problem("CM203", f"'{ref}' is not in force on {at}", help=f"it is in force {windows}")])
    shown = [_text(texts, library, sources) for texts in _by_block(living, sources)]
    return Shown(
        tuple(line for s in shown for line in (*s.lines, "")), {"kind": "texts", "texts": [s.data for s in shown]}
    )


def _unknown(ref: str, library: Library) -> ComityError:
    law = library.law
    if ":" in ref and "#" not in ref:
        kinds = ", ".join(k for k, _ in law.kinds if k != UNHELD)
        return ComityError([Problem("CM404", f"no agency is called '{ref}'", help=f"kinds for PLACE:KIND are {kinds}")])
    agencies, actions = list(law.agency_table()), [a.id for a in law.vocabulary.actions]
    texts = [t for n in law.norms for t in (n.id, n.cite)] + [d.name for d in law.definitions]
    near = nearest(ref, [*law.instrument_table(), *agencies, *actions, *(a.replace("_", " ") for a in actions), *texts])
    help_ = f"did you mean '{near}'?" if near else "see 'comity law list', or 'comity law list --agencies'"
    code = "CM404" if near in agencies else "CM202" if near and near.replace(" ", "_") in actions else "CM203"
    return ComityError([Problem(code, f"nothing in the library is called '{ref}'", help=help_)])


def _texts(ref: str, library: Library) -> list[Text]:
    """Norms and definitions called so: by id, citation, bare pinpoint, instrument and pinpoint, or defined name."""
    wanted = " ".join(ref.split()).lower()
    found: list[Text] = []
    texts: list[Text] = [*library.law.norms, *library.law.definitions]
    for text in texts:
        label = text.label if isinstance(text, Norm) else _label(text, library)
        names = {text.cite, label, f"{text.instrument} {label}", f"{text.instrument}#{label}"}
        names.add(text.id if isinstance(text, Norm) else text.name)
        if wanted in {n.lower() for n in names} | {n.lower().replace("§ ", "") for n in names}:
            found.append(text)
    return found


def _label(version: DefinitionVersion, library: Library) -> str:
    """A definition keeps its citation only; its pinpoint is what follows the instrument's own words."""
    return version.cite.removeprefix(library.law.instrument(version.instrument).cite_as).strip()


class _Sources:
    """The blocks of the library's files.  A cached library keeps no places, so a block is found by its own words."""

    def __init__(self, library: Library, folder: Path) -> None:
        self.library = library
        self.folder = folder
        self._blocks: dict[str, tuple[Block, ...]] = {}

    def block(self, text: Text) -> Block | None:
        """The block that says ``text``; None where its file cannot be read any more."""
        instrument = self.library.law.instrument(text.instrument)
        if instrument.file not in self._blocks:
            try:
                data = (self.folder / instrument.file).read_bytes()
                self._blocks[instrument.file] = read_document(data, instrument.file).blocks
            except (OSError, ComityError):
                self._blocks[instrument.file] = ()
        label = text.label if isinstance(text, Norm) else _label(text, self.library)
        for block in self._blocks[instrument.file]:
            if " ".join(block.label.text.split()) == label and _says(read_block(block), text, instrument):
                return block
        return None


def _says(statement: tree.Statement, text: Text, instrument: Instrument) -> bool:
    match statement, text:
        case tree.NormBlock(), Norm():
            names = statement.action.text.split(", ")
            same = text.action in names and (statement.effect, statement.bearer) == (text.effect, text.bearer)
        case tree.DefinitionBlock(), DefinitionVersion():
            same = statement.name.text == text.name and (statement.reading is None) == (text.reading is None)
            if statement.reading is not None and text.reading is not None:
                same = same and statement.reading[1].text == text.reading.answer
        case _:
            return False
    return same and (statement.window or instrument.window) == text.window


def _by_block(texts: Sequence[Text], sources: _Sources) -> Iterator[list[Text]]:
    """Texts that one block says, together."""
    groups: dict[object, list[Text]] = {}
    for text in texts:
        block = sources.block(text)
        key = (text.instrument, block.first_line) if block is not None else id(text)
        groups.setdefault(key, []).append(text)
    yield from groups.values()


def _text(texts: Sequence[Text], library: Library, sources: _Sources) -> Shown:
    first = texts[0]
    block = sources.block(first)
    instrument = library.law.instrument(first.instrument)
    checked = first.checked if isinstance(first, Norm) and first.checked else instrument.checked
    code = format_block(read_block(block), block.kind).split("\n") if block is not None else []
    heading = block.heading if block is not None else ""
    lines = [paint(first.cite, bold=True)]
    lines += wrap(" · ".join(p for p in (heading, instrument.title, instrument.authority) if p), 2, width())
    lines += [f"  in force {first.window}", *wrap(f"checked: {checked}", 2, width())]
    lines += [f"  {instrument.official}"] if instrument.official else []
    lines += ["", *(f"    {line}" for line in (code or [_plain(t) for t in texts]))]
    data = {
        "cite": first.cite,
        "title": heading,
        "instrument": instrument.id,
        "ids": [t.id if isinstance(t, Norm) else t.name for t in texts],
        "from": iso(first.window.start),
        "until": iso(first.window.end),
        "checked": checked,
        "official": instrument.official,
        "text": "\n".join(code),
    }
    return Shown(tuple(lines), data)


def _plain(text: Text) -> str:
    """The least there is to say where the source is not at hand."""
    return f"{text.effect} {text.action}" if isinstance(text, Norm) else f"defines '{text.name}'"


def _instrument(instrument: Instrument, library: Library, sources: _Sources, at: date | None) -> Shown:
    held: list[Text] = [*library.law.norms, *library.law.definitions]
    texts = [t for t in held if t.instrument == instrument.id and (at is None or at in t.window)]
    shown = [_text(group, library, sources) for group in _by_block(texts, sources)]
    binding = instrument.binding
    bound = ", ".join(binding.places)
    bound += f" only {', '.join(binding.kinds)}" if binding.kinds else ""
    bound += f" except {', '.join(binding.except_)}" if binding.except_ else ""
    lines = [paint(instrument.title, bold=True), f"  {instrument.id}"]
    lines += wrap(f"{instrument.authority} · binds {bound} · in force {instrument.window}", 2, width())
    lines += wrap(f"checked: {instrument.checked}", 2, width())
    lines += wrap(f"note: {instrument.note}", 2, width()) if instrument.note else []
    lines += [f"  {instrument.official}"] if instrument.official else []
    lines += [line for s in shown for line in ("", *s.lines)]
    data = {"kind": "instrument", **instrument_data(instrument, library), "texts": [s.data for s in shown]}
    return Shown(tuple(lines), data)


def _agency(agency: Agency, library: Library) -> Shown:
    lines = [
        paint(agency.name, bold=True),
        f"  {agency.id}" + (f" · {agency.short}" if agency.short != agency.name else ""),
        *wrap(f"counts as {', '.join(agency.kinds)} · in {', '.join(agency.places)}", 2, width()),
        f"  time zone {agency.time_zone} · its own rules are {'' if agency.held else 'not '}in the library",
        *(wrap(agency.note, 2, width()) if agency.note else []),
        *wrap(
            f"{len(library.stack(agency).norms)} norms can bind it: comity law list --agency {agency.id}", 2, width()
        ),
    ]
    data = {
        "kind": "agency",
        "id": agency.id,
        "name": agency.name,
        "short": agency.short,
        "places": list(agency.places),
        "kinds": list(agency.kinds),
        "time_zone": agency.time_zone,
        "local_law_held": agency.held,
        "note": agency.note,
        "norms": len(library.stack(agency).norms),
    }
    return Shown(tuple(lines), data)


def _action(action: Action, library: Library, agency: Agency | None, at: date | None) -> Shown:
    data: dict[str, Any] = {
        "kind": "action",
        "id": action.id,
        "meaning": action.meaning,
        "silence": action.closure,
        "request": action.request,
        "meanwhile": action.meanwhile,
    }
    lines = [
        paint(action.name, bold=True),
        *wrap(action.meaning, 2, width()),
        f"  where no rule speaks: {action.closure}",
    ]
    if agency is None:
        ranks = library.law.ladder.ranks()
        authority = {i.id: i.authority for i in library.law.instruments}
        norms = [n for n in library.law.norms if n.action == action.name and (at is None or at in n.window)]
        norms.sort(key=lambda n: ranks[authority[n.instrument]])
        lines += [f"  {len(norms)} norms about it; --agency shows those that bind, and who beats whom", ""]
        for norm in norms:
            lines += hanging(norm.effect, f"{norm.cite} ({norm.window})", 2, width())
        data["norms"] = [{"id": n.id, "cite": n.cite, "effect": n.effect} for n in norms]
        return Shown(tuple(lines), data)
    held = library.stack(agency).coverage
    day = at or (held.window.end - timedelta(days=1) if held and held.window.end else date.max)
    era = library.stack(agency).at(day)
    law = era.by_action[action.name]
    lines += [f"  {agency.name}, law of {day} (the same {era.window})", ""]
    data |= {"agency": agency.id, "law_date": day.isoformat(), "norms": []}
    for i in sorted(range(len(law.norms)), key=lambda i: law.ranks[i]):
        norm, beats = law.norms[i], _beats(law, i)
        lines += hanging(norm.effect, f"{norm.cite} [{law.layers[i]}]", 2, width())
        lines += wrap(f"beats {', '.join(n.cite for n in beats)}", 12, width()) if beats else []
        data["norms"].append(
            {
                "id": norm.id,
                "cite": norm.cite,
                "effect": norm.effect,
                "layer": law.layers[i],
                "beats": [n.id for n in beats],
            }
        )
    for norm, order in law.suspended:
        said = f"{norm.cite} - {norm.effect} (by {order.cite}, {order.window})"
        lines += hanging("suspended", said, 2, width())
    data["suspended"] = [{"id": n.id, "cite": n.cite, "effect": n.effect, "by": o.cite} for n, o in law.suspended]
    lines += [] if law.norms or law.suspended else ["  no rule of this date speaks of it"]
    return Shown(tuple(lines), data)


def _beats(law: ActionLaw, i: int) -> list[Norm]:
    return [n for j, n in enumerate(law.norms) if i in law.beaten_by[j]]
