"""Surface statements to the one canonical text, and whole files with their prose left alone.

Items stand at the left margin, clauses at four columns in the order of ``docs/language.md``, what continues a clause at
eight, what continues an item at twelve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from comity.calendar import Window
from comity.language import tree
from comity.language.blocks import read_block
from comity.language.checks import ROW
from comity.language.document import KEYS, KINDS, Document, decode_utf8, fences, split_document
from comity.language.layout import CLAUSE, HEAD, clause_lines, condition_lines, condition_list, kept, listed, show, wrap
from comity.problems import ComityError, Problem

__all__ = ["format_block", "format_document"]


def format_block(statement: tree.Statement, block_kind: str) -> str:
    """The canonical text of one block, fences included, without a newline at the end."""
    label = _label(statement)
    return "\n".join([f"```{block_kind} {label}".rstrip(), *_body(statement), "```"])


def format_document(data: bytes, file: str) -> str:
    """The canonical text of a whole file; raises ComityError where it cannot be read.

    Windows line ends and tabs inside blocks are mended; prose and foreign code stay as they are.
    """
    lines = _mend(decode_utf8(data, file))
    document = split_document("\n".join(lines), file)
    problems: list[Problem] = []
    out = _front_matter(document)
    at = next(i for i, text in enumerate(lines) if i > 0 and text.rstrip() == "---") + 1
    for block in document.blocks:
        out += lines[at : block.first_line - 1]
        at = block.last_line
        try:
            out.append(format_block(read_block(block), block.kind))
        except ComityError as error:
            problems.extend(error.problems)
    if problems:
        raise ComityError(problems)
    return "\n".join([*out, *lines[at:]]).rstrip() + "\n"


def _mend(text: str) -> list[str]:
    """The lines without Windows line ends, and without tabs where the machine reads."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for fence in fences(lines):
        if fence.kind in KINDS and fence.closed is not None:
            for i in range(fence.opened, fence.closed + 1):
                lines[i] = lines[i].expandtabs(CLAUSE)
    return lines


def _front_matter(document: Document) -> list[str]:
    fields = document.fields
    return ["---", *(f"{key}: {fields[key].value}" for key in KEYS if key in fields), "---"]


def _label(statement: tree.Statement) -> str:
    match statement:
        case tree.FactsBlock():
            return statement.group.text
        case tree.QuestionBlock():
            return statement.name.text
        case tree.NormBlock() | tree.DefinitionBlock() | tree.OrderBlock():
            return statement.label.text
        case tree.PreemptionBlock() | tree.AdoptionBlock():
            return statement.label.text
        case _:
            return ""


def _body(statement: tree.Statement) -> Iterator[str]:
    match statement:
        case tree.FactsBlock():
            for fact in statement.facts:
                yield from wrap(f"{kept(fact.name.text + ' :')} {_type(fact)}", 0, HEAD)
                yield from _attributes(fact.attributes)
        case tree.ActionsBlock():
            for action in statement.actions:
                first, _, rest = action.meaning.partition(" ")
                yield from wrap(kept(f"{action.name.text} : {action.closure} - {first}") + f" {rest}", 0, HEAD)
                yield from _attributes(action.attributes)
        case tree.QuestionBlock():
            yield from wrap(statement.text, 0, 0)
            for answer in statement.answers:
                first, _, rest = answer.text.partition(" ")
                yield from wrap(kept(f"- {first}") + f" {rest}", 0, HEAD)
        case tree.AuthoritiesBlock(named) | tree.KindsBlock(named):
            for left, members in named:
                yield from wrap(f"{left}: {listed(members)}" if members else left, 0, HEAD)
        case tree.NormBlock():
            yield from _norm(statement)
        case tree.DefinitionBlock():
            yield from _definition(statement)
        case tree.OrderBlock():
            yield from _order(statement)
        case tree.PreemptionBlock():
            yield from wrap(f"{statement.upper.text} displaces {statement.lower.text}", 0, HEAD)
            if statement.actions:
                yield from clause_lines("for", listed(a.text for a in statement.actions))
            yield from _window(statement.window)
        case tree.AdoptionBlock():
            head = f"{statement.place.text} reads {statement.question.text} as {statement.answer.text}"
            yield from wrap(head, 0, HEAD)
            yield from clause_lines("since", str(statement.since))
            if statement.by:
                yield from clause_lines("by", statement.by)
        case tree.CheckBlock():
            for item in statement.items:
                yield from _example(item) if isinstance(item, tree.Example) else _claim(item)
        case tree.AssumptionsBlock():
            for assumed in statement.items:
                yield from _assumption(assumed)


def _type(fact: tree.FactLine) -> str:
    match fact.kind:
        case "one of" | "some of":
            return f"{fact.kind} {listed(fact.members)}"
        case "list":
            return f"list of {fact.record}"
        case kind:
            return kind


def _attributes(attributes: Iterable[tuple[str, str]]) -> Iterator[str]:
    for keyword, text in attributes:
        yield from clause_lines(keyword, text)


def _window(window: Window | None) -> list[str]:
    return [] if window is None else clause_lines("in force", str(window))


def _conditions(when: tree.Condition | None, exceptions: Iterable[tree.Condition]) -> Iterator[str]:
    if when is not None:
        yield from condition_lines("when", when)
    for exception in exceptions:
        yield from condition_lines("except when", exception)


def _reading(reading: tuple[tree.Phrase, tree.Phrase] | None) -> list[str]:
    return [] if reading is None else clause_lines("under reading", f"{reading[0].text}: {reading[1].text}")


def _norm(norm: tree.NormBlock) -> Iterator[str]:
    actions = listed(norm.action.text.split(", "))
    yield from wrap(actions if norm.effect == "contested" else f"{norm.bearer} {norm.effect} {actions}", 0, HEAD)
    yield from _conditions(norm.when, norm.exceptions)
    for other in norm.despite:
        yield from clause_lines("despite", other.text)
    yield from _window(norm.window)
    yield from _reading(norm.reading)
    for timer in norm.clocks:
        yield from clause_lines(timer.keyword, timer.clock.text)
    if norm.contested:
        yield from clause_lines("contested", norm.contested)
    if norm.protected:
        yield from clause_lines("protected")
    if norm.gives_power:
        yield from clause_lines("gives power")
    if norm.binds is not None:
        yield from clause_lines("binds", norm.binds.text)
    if norm.checked:
        yield from clause_lines("checked", norm.checked)


def _definition(block: tree.DefinitionBlock) -> Iterator[str]:
    article = "an" if block.record[:1].lower() in set("aeiou") else "a"
    subject = f"{article} {block.record}" if block.record else "the case"
    yield from wrap(f"{subject} counts as {block.name.text}", 0, HEAD)
    yield from _conditions(block.when, block.exceptions)
    yield from _window(block.window)
    yield from _reading(block.reading)


def _order(order: tree.OrderBlock) -> Iterator[str]:
    yield from wrap(f"suspends {order.norms[0].text}", 0, HEAD)
    for norm in order.norms[1:]:
        yield from clause_lines("and", norm.text)
    if order.places:
        yield from clause_lines("for", listed(p.text for p in order.places))
    yield from _window(order.window)
    if order.text:
        yield from clause_lines("because", order.text)


def _example(example: tree.Example) -> Iterator[str]:
    yield from wrap(example.title.text, 0, HEAD)
    yield from clause_lines("agency", example.agency.text)
    for part in example.given:
        yield from _row(part) if isinstance(part, tree.RowGiven) else _facts_given(part)
    for trial in example.trials:
        yield from clause_lines("on", str(trial.on))
        for expectation in trial.expectations:
            yield from clause_lines("then", _expectation(expectation))


def _facts_given(conditions: Sequence[tree.Condition]) -> list[str]:
    # Brackets keep a fact that is called "no …" or "one …" from being read as a row.
    first = show(conditions[0])
    return condition_list("given ", conditions, bracket_first=ROW.fullmatch(first) is not None)


def _row(row: tree.RowGiven) -> list[str]:
    if row.count == 1 and row.atoms:
        return condition_list(kept(f"given one {row.noun.text}:") + " ", row.atoms)
    return clause_lines("given", f"{('no', 'one', 'maybe more')[row.count]} {row.noun.text}")


def _expectation(item: tree.Expectation) -> str:
    layer = f" in {item.layer} law" if item.layer else ""
    because = f" because {item.because.text}" if item.because is not None else ""
    missing = f" missing {item.missing.text}" if item.missing is not None else ""
    return f"{item.outcome} {item.action.text}{layer}{because}{missing}"


def _claim(claim: tree.Claim) -> Iterator[str]:
    yield from wrap(claim.title.text, 0, HEAD)
    yield from clause_lines("agency", _agencies(claim))
    if claim.whenever is not None:
        yield from condition_lines("whenever", claim.whenever)
    if claim.changing:
        yield from clause_lines("changing only", listed(f.text for f in claim.changing))
    if claim.window != Window():
        yield from _window(claim.window)
    yield from clause_lines("then", _said(claim))


def _agencies(claim: tree.Claim) -> str:
    if not claim.everywhere:
        return listed(a.text for a in claim.agencies)
    place, *left_out = claim.agencies
    return f"all of {place.text}" + (f" except {listed(a.text for a in left_out)}" if left_out else "")


def _said(claim: tree.Claim) -> str:
    among = f" in {listed(a.text for a in claim.actions)}" if claim.actions else ""
    match claim.says:
        case "unchanged":
            return f"nothing changes{among}"
        case "never looser":
            assert claim.layer is not None
            return f"never looser than {claim.layer.text} law{among}"
        case "no conflict":
            return f"never a conflict{among}"
        case "answered":
            return f"always an answer{among}"
        case "ended":
            return f"always an end to {listed(a.text for a in claim.actions)}"
        case "same":
            return f"the same as on {claim.day}{among}"
        case how:
            where = f" where {claim.where.text} is allowed" if claim.where is not None else ""
            return f"{how} {claim.outcome} {claim.actions[0].text}{where}"


def _assumption(item: tree.AssumedThing) -> Iterator[str]:
    yield from wrap(item.title.text, 0, HEAD)
    if item.holds is not None:
        yield from condition_lines("holds", item.holds)
    else:
        yield from clause_lines("years", str(item.years))
