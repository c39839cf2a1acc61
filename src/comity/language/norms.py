"""Norm and definition blocks to core norms, with names looked up; references to other norms wait as phrases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from comity.language import tree
from comity.language.instruments import Stated, check_binding, read_binding
from comity.language.lower import Scope, lower_condition
from comity.language.references import Index
from comity.policy.expressions import ALWAYS
from comity.policy.facts import FactWord
from comity.policy.norms import Binding, DefinitionVersion, Instrument, Norm, ReadingOf
from comity.problems import ComityError, Problem, nearest

__all__ = ["Draft", "lower_definition", "lower_norm", "lower_reading", "need_action", "settle_despite", "with_ids"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A norm whose id and ``despite`` are settled only when every norm of the library is known."""

    norm: Norm
    despite: tuple[tree.Phrase, ...] = ()


def _cite(instrument: Instrument, label: str) -> str:
    return f"{instrument.cite_as} {label}".strip()


def need_action(name: str, phrase: tree.Phrase, scope: Scope) -> None:
    """Raise where no action has this name."""
    actions = scope.vocabulary.action_names()
    if name not in actions:
        near = nearest(name, actions)
        help_ = f"did you mean '{near}'?" if near else f"actions are {', '.join(actions)}"
        message = f"there is no action called '{name}'"
        raise ComityError([Problem("CM202", message, phrase.span, scope.cite, help_)])


def lower_reading(pair: tuple[tree.Phrase, tree.Phrase] | None, scope: Scope) -> ReadingOf | None:
    """The reading a provision exists under, or None."""
    if pair is None:
        return None
    question, answer = pair
    known = {q.name: q for q in scope.vocabulary.questions}
    if question.text not in known:
        near = nearest(question.text, known)
        help_ = f"did you mean '{near}'?" if near else "declare it in a question block"
        message = f"no question is called '{question.text}'"
        raise ComityError([Problem("CM203", message, question.span, scope.cite, help_)])
    answers = known[question.text].answers
    if answer.text not in answers:
        near = nearest(answer.text, answers)
        help_ = f"did you mean '{near}'?" if near else f"its readings are {'; '.join(answers)}"
        message = f"'{answer.text}' is not a reading of '{question.text}'"
        raise ComityError([Problem("CM204", message, answer.span, scope.cite, help_)])
    return ReadingOf(question.text, answer.text)


def lower_norm(block: tree.NormBlock, stated: Stated, scope: Scope, kinds: Collection[str]) -> list[Draft]:
    """One draft for each action the block names."""
    instrument = stated.instrument
    scope = replace(scope, cite=_cite(instrument, block.label.text))
    if block.window is None and not stated.dated:
        raise ComityError(
            [
                Problem(
                    "CM302",
                    "neither the norm nor its instrument says since when it is in force",
                    block.label.span,
                    scope.cite,
                    "add 'in force: from YYYY-MM-DD' to the front matter, or a clause 'in force from …' to the norm",
                )
            ]
        )
    binding = _binding(block, scope.cite, kinds)
    for timer in block.clocks:
        _check_anchor(timer, scope)
    norm = Norm(
        id="",
        instrument=instrument.id,
        label=block.label.text,
        cite=scope.cite,
        bearer=block.bearer,
        effect=block.effect,
        action="",
        window=block.window or instrument.window,
        when=ALWAYS if block.when is None else lower_condition(block.when, scope),
        exceptions=tuple(lower_condition(e, scope) for e in block.exceptions),
        clocks=tuple(t.clock for t in block.clocks),
        reading=lower_reading(block.reading, scope),
        contested=block.contested,
        protected=block.protected,
        gives_power=block.gives_power,
        binding=binding,
        checked=block.checked,
        span=block.label.span,
    )
    return [Draft(replace(norm, action=name), block.despite) for name in _actions(block, scope)]


def _actions(block: tree.NormBlock, scope: Scope) -> list[str]:
    names = [a.strip() for a in block.action.text.split(",")]
    for i, name in enumerate(names):
        need_action(name, block.action, scope)
        if name in names[:i]:
            message = f"the action '{name}' is named twice in one norm"
            raise ComityError([Problem("CM206", message, block.action.span, scope.cite, "name it once")])
    return names


def _binding(block: tree.NormBlock, cite: str, kinds: Collection[str]) -> Binding | None:
    if block.binds is None:
        return None
    binding = read_binding(block.binds.text)
    check_binding(binding, block.binds.span, kinds, cite)
    return binding


def _check_anchor(timer: tree.Timer, scope: Scope) -> None:
    anchor = timer.clock.anchor
    if not anchor or _has_time(scope.find(anchor)):
        return
    dated = [n for n in scope.known() if _has_time(scope.find(n))]
    near = nearest(anchor, dated)
    help_ = f"did you mean '{near}'?" if near else f"facts with a date or time are {', '.join(dated)}"
    message = f"no date or moment is called '{anchor}'"
    raise ComityError([Problem("CM201", message, timer.span, scope.cite, help_)])


def _has_time(found: tuple[FactWord, bool] | None) -> bool:
    return found is not None and found[0].type.kind in ("date", "moment")


def lower_definition(block: tree.DefinitionBlock, stated: Stated, scope: Scope) -> DefinitionVersion:
    """One version of a definition."""
    instrument = stated.instrument
    scope = replace(scope, record=block.record, cite=_cite(instrument, block.label.text))
    if block.record and block.record not in scope.records:
        near = nearest(block.record, scope.records)
        help_ = f"did you mean '{near}'?" if near else f"lists hold: {', '.join(scope.records)}"
        message = f"there is no list of '{block.record}'"
        raise ComityError([Problem("CM201", message, block.name.span, scope.cite, help_)])
    return DefinitionVersion(
        block.name.text,
        block.record,
        instrument.id,
        scope.cite,
        block.window or instrument.window,
        lower_condition(block.when, scope),
        tuple(lower_condition(e, scope) for e in block.exceptions),
        lower_reading(block.reading, scope),
        block.name.span,
    )


def with_ids(drafts: Sequence[Draft], problems: list[Problem]) -> list[Draft]:
    """Ids from instrument and label; the action and the start are added only where it takes them to tell apart."""
    groups: dict[tuple[str, str], list[Norm]] = {}
    for draft in drafts:
        groups.setdefault((draft.norm.instrument, draft.norm.label), []).append(draft.norm)
    result = []
    for draft in drafts:
        norm = draft.norm
        same = groups[norm.instrument, norm.label]
        versions = [n for n in same if n.action == norm.action]
        id_ = f"{norm.instrument}#{norm.label}"
        if len({n.action for n in same}) > 1:
            id_ += f" [{norm.action}]"
        if len(versions) > 1:
            id_ += f" @{norm.window.start or 'start'}"
        at = next(i for i, n in enumerate(versions) if n is norm)
        problems += [_overlap(norm, n) for n in versions[at + 1 :] if norm.window.overlaps(n.window)]
        result.append(replace(draft, norm=replace(norm, id=id_)))
    return result


def _overlap(earlier: Norm, later: Norm) -> Problem:
    first = f"; the first stands at {earlier.span.file}:{earlier.span.line}" if earlier.span is not None else ""
    return Problem(
        "CM303",
        f"two versions of '{later.label}' about '{later.action}' are in force at once: "
        f"{earlier.window}, and {later.window}",
        later.span,
        later.cite,
        f"end the older on the day the newer begins, or give them different pinpoints{first}",
    )


def settle_despite(draft: Draft, index: Index, problems: list[Problem]) -> Norm:
    """The norm with the ids of what it prevails over; a reference that leads nowhere is added to ``problems``."""
    norm = draft.norm
    targets: list[str] = []
    for phrase in draft.despite:
        found = index.norms(phrase.text, norm.instrument)
        same = [n.id for n in found if n.action == norm.action and n.id != norm.id]
        if not same:
            problems.append(_no_target(phrase, norm, found, index))
        targets += same
    return replace(norm, despite=tuple(dict.fromkeys(targets)))


def _no_target(phrase: tree.Phrase, norm: Norm, found: Sequence[Norm], index: Index) -> Problem:
    if any(n.id == norm.id for n in found):
        message, help_ = f"'{phrase.text}' is this norm itself", "name the norm it prevails over"
    elif found:
        message = f"'{phrase.text}' says nothing about '{norm.action}'"
        help_ = f"it is about {', '.join(sorted({n.action for n in found}))}; a norm prevails only over the same action"
    else:
        message = f"there is no norm '{phrase.text}' to prevail over"
        near = index.nearest(phrase.text, norm.instrument)
        help_ = f"did you mean '{near}'?" if near else "name a pinpoint of this file, or an instrument and its pinpoint"
    return Problem("CM306", message, phrase.span, norm.cite, help_)
