"""Surface statements of every document, put together into one library: words, then norms, then what links them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from comity.calendar import Window
from comity.language import tree
from comity.language.claimed import lower_assumption, lower_claim
from comity.language.document import Document
from comity.language.examples import Surroundings, lower_check
from comity.language.instruments import Stated, read_instruments
from comity.language.lower import Scope
from comity.language.norms import (
    Draft,
    lower_definition,
    lower_norm,
    lower_reading,
    need_action,
    settle_despite,
    with_ids,
)
from comity.language.references import Index, named_texts
from comity.language.tables import Tables
from comity.language.vocabulary import Kinds, gather_words
from comity.policy.authority import UNHELD, Agency
from comity.policy.claims import Assumption, Claim
from comity.policy.library import Check, Library
from comity.policy.norms import Adoption, CourtOrder, DefinitionVersion, Preemption
from comity.problems import ComityError, Problem, nearest

__all__ = ["Source", "assemble"]

#: Blocks between norms that carry a citation of their own.
_LABELLED = (tree.OrderBlock, tree.PreemptionBlock, tree.AdoptionBlock)

Source = tuple[Document, tuple[tree.Statement, ...]]


@dataclass
class _Links:
    """What stands between norms, gathered document by document."""

    orders: list[CourtOrder] = field(default_factory=list)
    preemptions: list[Preemption] = field(default_factory=list)
    adoptions: list[Adoption] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)


def assemble(sources: Iterable[Source], tables: Tables, version: str, sha256: str) -> Library:
    """The library of these sources; raises ComityError with the problems found."""
    sources = list(sources)
    agencies = tables.agencies
    problems: list[Problem] = []
    words = gather_words((s for _, statements in sources for s in statements), problems)
    kinds = _kinds(words.kinds, agencies)
    problems += _undeclared(words.kinds, agencies)
    stated = read_instruments(sources, words.ladder, kinds, problems)
    scope = Scope(words.vocabulary, words.vocabulary.case_facts(), words.vocabulary.records(), words.definitions)
    drafts, definitions = _norms(sources, stated, scope, kinds, problems)
    drafts = with_ids(drafts, problems)
    # A norm that could not be read is missing from the index; looking further would blame whoever refers to it.
    _stop(problems)
    index = Index(tuple(s.instrument for s in stated.values()), tuple(d.norm for d in drafts))
    norms = tuple(settle_despite(d, index, problems) for d in drafts)
    links = _Links()
    layers = tuple(name for name, _ in words.ladder.layers)
    for document, statements in sources:
        here = stated.get(document.file)
        id_ = "" if here is None else here.instrument.id
        around = Surroundings(id_, index, scope, agencies, kinds, layers)
        for statement in statements:
            try:
                _link(statement, here, around, links, problems)
            except ComityError as error:
                label = statement.label.text if isinstance(statement, _LABELLED) else ""
                problems += [replace(p, citation=p.citation or label) for p in error.problems]
    _stop(problems)
    return Library(
        version,
        sha256,
        tables.coverage,
        words.vocabulary,
        words.ladder,
        words.kinds,
        tuple(s.instrument for s in stated.values()),
        norms,
        tuple(definitions),
        tuple(links.orders),
        tuple(links.preemptions),
        tuple(links.adoptions),
        agencies,
        tables.holidays,
        tuple(links.assumptions),
        tuple(links.checks),
        tuple(links.claims),
    )


def _stop(problems: list[Problem]) -> None:
    if problems:
        raise ComityError(problems)


def _kinds(declared: Kinds, agencies: Iterable[Agency]) -> frozenset[str]:
    """Every kind of agency that is declared, implied, or held by a listed agency."""
    named = {k for kind, implied in declared for k in (kind, *implied)}
    return frozenset(named | {k for a in agencies for k in a.kinds})


def _undeclared(declared: Kinds, agencies: Iterable[Agency]) -> Iterator[Problem]:
    """A kind that is not declared would bind the agency to nothing, without a word."""
    names = {k for kind, implied in declared for k in (kind, *implied)}
    for agency in agencies:
        for kind in agency.kinds:
            if names and kind not in names and kind != UNHELD:
                near = nearest(kind, names)
                help_ = f"did you mean '{near}'?" if near else f"kinds are {', '.join(sorted(names))}"
                message = f"the agency '{agency.id}' has the kind '{kind}', which is not declared"
                yield Problem("CM208", message, None, help=help_)


def _norms(
    sources: Sequence[Source],
    stated: dict[str, Stated],
    scope: Scope,
    kinds: Collection[str],
    problems: list[Problem],
) -> tuple[list[Draft], list[DefinitionVersion]]:
    drafts: list[Draft] = []
    definitions: list[DefinitionVersion] = []
    for document, statements in sources:
        here = stated.get(document.file)
        if here is None:
            # Either it states no law, or what is wrong with its front matter is already said.
            continue
        for statement in statements:
            try:
                if isinstance(statement, tree.NormBlock):
                    drafts += lower_norm(statement, here, scope, kinds)
                elif isinstance(statement, tree.DefinitionBlock):
                    definitions.append(lower_definition(statement, here, scope))
            except ComityError as error:
                problems.extend(error.problems)
    return drafts, definitions


def _link(
    statement: tree.Statement, stated: Stated | None, around: Surroundings, links: _Links, problems: list[Problem]
) -> None:
    match statement:
        case tree.OrderBlock():
            links.orders.append(_order(statement, around))
        case tree.PreemptionBlock():
            window = statement.window or (stated.instrument.window if stated is not None else Window())
            links.preemptions += _preemptions(statement, window, around)
        case tree.AdoptionBlock():
            links.adoptions.append(_adoption(statement, around))
        case tree.CheckBlock():
            for item in statement.items:
                try:
                    if isinstance(item, tree.Claim):
                        links.claims.append(lower_claim(item, around))
                    else:
                        links.checks.append(lower_check(item, around))
                except ComityError as error:
                    problems.extend(error.problems)
        case tree.AssumptionsBlock():
            links.assumptions += [lower_assumption(item, around) for item in statement.items]
        case _:
            pass


def _order(block: tree.OrderBlock, around: Surroundings) -> CourtOrder:
    norms = tuple(n.id for p in block.norms for n in around.index.need(p, around.here))
    places = tuple(p.text for p in block.places) or ("us",)
    return CourtOrder(around.here, block.label.text, norms, places, block.window, block.text, block.label.span)


def _preemptions(block: tree.PreemptionBlock, window: Window, around: Surroundings) -> list[Preemption]:
    """One edge for each pair of named texts; a norm stands for all its versions."""
    for phrase in block.actions:
        need_action(phrase.text, phrase, around.scope)
    actions = tuple(p.text for p in block.actions)
    return [
        Preemption(upper, lower, actions, block.label.text, window, block.label.span)
        for upper in named_texts(block.upper, around.here, around.index)
        for lower in named_texts(block.lower, around.here, around.index)
    ]


def _adoption(block: tree.AdoptionBlock, around: Surroundings) -> Adoption:
    known = {n for a in around.agencies for n in (a.id, *a.places)}
    if block.place.text not in known:
        near = nearest(block.place.text, known)
        help_ = f"did you mean '{near}'?" if near else "name an agency of agencies.csv, or a place with agencies"
        message = f"no agency or place is called '{block.place.text}'"
        raise ComityError([Problem("CM208", message, block.place.span, block.label.text, help_)])
    reading = lower_reading((block.question, block.answer), around.scope)
    assert reading is not None
    return Adoption(
        reading.question,
        reading.answer,
        block.place.text,
        block.since,
        block.by,
        block.label.text,
        block.label.span,
    )
