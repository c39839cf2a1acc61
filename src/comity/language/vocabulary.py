"""The words of a library: facts, actions, questions, the ladder of authorities, kinds of agency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from comity.language import tree
from comity.policy.authority import Ladder
from comity.policy.facts import Action, FactType, FactWord, Question, Vocabulary
from comity.problems import Problem, Span

__all__ = ["Kinds", "Words", "gather_words"]

Kinds = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Every declared word.  ``definitions``: name of a definition -> the record it is about ("" for the case)."""

    vocabulary: Vocabulary
    ladder: Ladder
    kinds: Kinds
    definitions: dict[str, str]


def gather_words(statements: Iterable[tree.Statement], problems: list[Problem]) -> Words:
    """The words these statements declare; a name declared twice is added to ``problems``."""
    facts: list[FactWord] = []
    actions: list[Action] = []
    questions: list[Question] = []
    layers: list[tuple[str, tuple[str, ...]]] = []
    kinds: list[tuple[str, tuple[str, ...]]] = []
    definitions: list[tree.DefinitionBlock] = []
    for s in statements:
        match s:
            case tree.FactsBlock():
                facts += [_fact(line, s.group.text) for line in s.facts]
            case tree.ActionsBlock():
                actions += [_action(a) for a in s.actions]
            case tree.QuestionBlock():
                questions.append(Question(s.name.text, s.text, tuple(a.text for a in s.answers), span=s.name.span))
            case tree.AuthoritiesBlock():
                layers += s.layers
            case tree.KindsBlock():
                kinds += s.kinds
            case tree.DefinitionBlock():
                definitions.append(s)
            case _:
                pass
    vocabulary = Vocabulary(tuple(facts), tuple(actions), tuple(questions))
    _facts_once(vocabulary, problems)
    _once("action", actions, problems)
    _once("question", questions, problems)
    names = _definitions_once(definitions, vocabulary, problems)
    return Words(vocabulary, Ladder(tuple(layers)), tuple(kinds), names)


def _fact(line: tree.FactLine, group: str) -> FactWord:
    attributes = dict(line.attributes)
    return FactWord(
        line.name.text,
        group,
        FactType(line.kind, line.members, line.record),
        attributes.get("ask", ""),
        attributes.get("who", ""),
        attributes.get("why", ""),
        "counsel" in attributes,
        attributes.get("offence", ""),
        attributes.get("agency", ""),
        line.name.span,
    )


def _action(word: tree.ActionWord) -> Action:
    attributes = dict(word.attributes)
    return Action(
        word.name.text,
        word.closure,
        word.meaning,
        attributes.get("meanwhile", ""),
        attributes.get("request", ""),
        word.name.span,
    )


def _twice(what: str, name: str, here: Span | None, first: Span | None) -> Problem:
    where = f"the first stands at {first.file}:{first.line}; " if first is not None else ""
    return Problem("CM206", f"the {what} '{name}' is declared twice", here, help=f"{where}keep one of them")


def _facts_once(vocabulary: Vocabulary, problems: list[Problem]) -> None:
    records = vocabulary.records()
    seen: dict[tuple[str, str], FactWord] = {}
    for fact in vocabulary.facts:
        # A field may share its name with a field of another record: "offence" of a conviction and of a charge.
        key = (fact.group if fact.group in records else "", fact.name)
        if key in seen:
            problems.append(_twice("fact", fact.name, fact.span, seen[key].span))
        seen.setdefault(key, fact)


def _once(what: str, words: Sequence[Action | Question], problems: list[Problem]) -> None:
    seen: dict[str, Action | Question] = {}
    for word in words:
        if word.name in seen:
            problems.append(_twice(what, word.name, word.span, seen[word.name].span))
        seen.setdefault(word.name, word)


def _definitions_once(
    blocks: Sequence[tree.DefinitionBlock], vocabulary: Vocabulary, problems: list[Problem]
) -> dict[str, str]:
    """Name of each definition -> its record.  Versions share a name only where they speak about the same record."""
    facts = vocabulary.case_facts()
    first: dict[str, tree.DefinitionBlock] = {}
    for block in blocks:
        name = block.name.text
        fact = vocabulary.fields(block.record).get(name) or facts.get(name)
        if fact is not None and name not in first:
            # Conditions look for a fact first, so the definition would be passed over in silence.
            problems.append(_twice("name", name, block.name.span, fact.span))
        other = first.setdefault(name, block)
        if other.record != block.record:
            problems.append(
                Problem(
                    "CM206",
                    f"'{name}' is defined for {_about(other.record)} and for {_about(block.record)}",
                    block.name.span,
                    help="give the two definitions different names",
                )
            )
    return {name: block.record for name, block in first.items()}


def _about(record: str) -> str:
    return f"a {record}" if record else "the case"
