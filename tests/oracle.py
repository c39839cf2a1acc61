"""The referee: the law once more, as answer sets (clingo), from the meaning on paper and not from the engines' code.

Only tests use it.  Two small programs:

* ``LAW`` picks, for one agency and one law date, the norms that speak (binding, window, court orders), and works out
  who beats whom, which pairs clash, and who gives power.
* ``CASE`` reads one case: the conditions node by node, then *applies*, *wins* and the outcomes, for the whole and for
  each layer by itself.

Three-valued truth is two predicates, *surely* and *possibly*.  A rule is written once and read twice: ``@`` stands for
the one, ``~`` for the other, and then the other way round; ``not`` always changes from one to the other.  Who wins is
stable-model negation, so an answer counts only when there is exactly one model, which is asserted.  Dates are day
numbers by our own arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache

import clingo

from comity.calendar import Window
from comity.case import Case, FactValue
from comity.policy.authority import Agency
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Defined,
    Every,
    Expression,
    Fact,
    Includes,
    Literal,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Value,
    Within,
)
from comity.policy.library import Library
from comity.policy.norms import ReadingOf

__all__ = ["Answer", "Asked", "SpeakingLaw", "moved_day", "referee", "speaking_law"]

#: An action and a choice of readings.
Asked = tuple[str, Mapping[str, str]]


@dataclass(frozen=True)
class Answer:
    """One action under one choice of readings; truths are 0, 1, 2 by norm id, outcomes are sets of possible words."""

    applies: dict[str, int]
    wins: dict[str, int]
    possible: frozenset[str]
    layers: dict[str, frozenset[str]]


@dataclass(frozen=True)
class SpeakingLaw:
    """What ``LAW`` found.  Norms and definitions are positions in the library's own order."""

    live: tuple[int, ...]
    stayed: tuple[int, ...]
    definitions: tuple[int, ...]
    beats: frozenset[tuple[int, int]]
    clashes: frozenset[tuple[int, int]]
    powers: frozenset[int]
    circle: bool


LAW = """
early(X) :- starts(X,D), today(T), T < D.
late(X) :- ends(X,D), today(T), T >= D.
in_force(X) :- text(X), not early(X), not late(X).

right_kind(N) :- only(N,K), kind(K).
wrong_kind(N) :- only(N,_), not right_kind(N).
left_out(N) :- but(N,E), here(E).
left_out(N) :- but(N,E), kind(E).
speaks(N) :- bound(N,P), here(P), in_force(n(N)), not wrong_kind(N), not left_out(N).
stayed(N) :- speaks(N), id(N,I), stays(O,I), in_force(o(O)), reaches(O,P), here(P).
live(N) :- speaks(N), not stayed(N).
current(D) :- definition(D), in_force(d(D)).

decides(N) :- live(N), effect(N,E), E != contested.
pair(M,N) :- decides(M), decides(N), M != N, about(M,A), about(N,A).

called(N,I) :- id(N,I).
called(N,I) :- part_of(N,I).
in_scope(P,N) :- preempts(P,_,_), not limited(P), live(N).
in_scope(P,N) :- scope(P,A), about(N,A), live(N).
limited(P) :- scope(P,_).

explicit(M,N) :- pair(M,N), despite(M,I), id(N,I).
explicit(M,N) :- pair(M,N), preempts(P,U,L), in_force(p(P)), called(M,U), called(N,L), in_scope(P,M).

% Two effects that cannot stand together, seen from the higher one.  A may leaves room for a must not below it.
no_room(M,N) :- pair(M,N), effect(M,must_not), effect(N,must).
no_room(M,N) :- pair(M,N), effect(M,must_not), effect(N,may).
no_room(M,N) :- pair(M,N), effect(M,must), effect(N,must_not).
no_room(M,N) :- pair(M,N), effect(M,may), effect(N,must_not), protected(M).

beats(M,N) :- explicit(M,N).
beats(M,N) :- no_room(M,N), rung(M,R), rung(N,S), R < S, not explicit(N,M).

above(M,N) :- beats(M,N).
above(M,N) :- above(M,K), beats(K,N).
circle :- above(N,N).

% Nobody decides between two of the same rung.
clash(M,N) :- pair(M,N), effect(M,must_not), effect(N,must), rung(M,R), rung(N,R), not beats(M,N), not beats(N,M).
clash(M,N) :- pair(M,N), effect(M,must_not), effect(N,may), rung(M,R), rung(N,R), not beats(M,N), not beats(N,M).

federal(N) :- layer(N,"constitution").
federal(N) :- layer(N,"federal").
power(N) :- decides(N), not effect(N,must_not), gives_power(N).
power(N) :- decides(N), not effect(N,must_not), not federal(N).

#show live/1. #show stayed/1. #show current/1. #show beats/2. #show clash/2. #show power/1. #show circle/0.
"""

CASE = """
% Where a condition is read: the case itself, or one row of a list; under one choice C of readings.
at(E,case,C) :- asked(K,C), about(K,N), part(n(N),_,E).
at(I,X,C) :- at(E,X,C), inside(E,I).
at(I,row(L,R),C) :- at(E,_,C), over(E,L,I), row(L,R).
at(I,X,C) :- at(E,X,C), calls(E,D), version(D,V), part(d(V),_,I).
spot(E,X) :- at(E,X,_).

% A provision under a reading is there, or not, or open as long as its question is.
depends(T) :- under(T,_,_).
read_off(T,C) :- under(T,Q,A), chosen(C,Q,B), A != B.
stands_possibly(T,C) :- part(T,when,_), choice(C), not read_off(T,C).
stands_surely(T,C) :- stands_possibly(T,C), under(T,Q,_), chosen(C,Q,_).
stands_surely(T,C) :- stands_possibly(T,C), not depends(T).

% Leaves.  A side that is not there leaves the leaf unknown.
side(E,X,S,V) :- spot(E,X), reads(E,S,row,F), value(X,F,V).
side(E,X,S,V) :- spot(E,X), reads(E,S,case,F), value(case,F,V).
side(E,X,S,V) :- spot(E,X), written(E,S,V).
day(E,X,S,D) :- side(E,X,S,day(D)).
day(E,X,S,D) :- side(E,X,S,moment(D,_)).
two_moments(E,X) :- side(E,X,left,moment(_,_)), side(E,X,right,moment(_,_)).

sides(E,X,A,B) :- side(E,X,left,moment(_,A)), side(E,X,right,moment(_,B)).
sides(E,X,A,B) :- day(E,X,left,A), day(E,X,right,B), not two_moments(E,X).
sides(E,X,A,B) :- side(E,X,left,number(H,L)), side(E,X,right,number(I,M)), A = (H,L), B = (I,M).
sides(E,X,A,B) :- side(E,X,left,word(A)), side(E,X,right,word(B)).
met(E,X) :- compare(E,is), sides(E,X,A,A).
met(E,X) :- compare(E,less), sides(E,X,A,B), A < B.
met(E,X) :- compare(E,at_most), sides(E,X,A,B), A <= B.
met(E,X) :- compare(E,more), sides(E,X,A,B), A > B.
met(E,X) :- compare(E,at_least), sides(E,X,A,B), A >= B.
known(E,X) :- compare(E,_), sides(E,X,_,_).

met(E,X) :- yes_no(E), side(E,X,left,true).
known(E,X) :- yes_no(E), side(E,X,left,true).
known(E,X) :- yes_no(E), side(E,X,left,false).

met(E,X) :- one_of(E), side(E,X,left,word(W)), wanted(E,W).
known(E,X) :- one_of(E), side(E,X,left,_).
met(E,X) :- includes(E), side(E,X,left,several(F,Y)), holds(Y,F,W), wanted(E,W).
known(E,X) :- includes(E), side(E,X,left,several(_,_)).

known(E,X) :- within(E,_,_), day(E,X,left,_), day(E,X,right,_).
between(E,X,F,D,A) :- within(E,before(N,U),_), day(E,X,left,D), day(E,X,right,A), moved(A,-N,U,F).
between(E,X,A,D,F) :- within(E,after(N,U),_), day(E,X,left,D), day(E,X,right,A), moved(A,N,U,F).
in_reach(E,X) :- between(E,X,A,D,B), A <= D, D <= B.
on_the_far_day(E,X) :- within(E,before(_,_),_), between(E,X,D,D,_).
on_the_far_day(E,X) :- within(E,after(_,_),_), between(E,X,_,D,D).
met(E,X) :- within(E,_,inclusive), in_reach(E,X).
met(E,X) :- within(E,_,strict), in_reach(E,X), not on_the_far_day(E,X).

refuted(E,X) :- known(E,X), not met(E,X).
surely(E,X,C) :- at(E,X,C), leaf(E), met(E,X).
possibly(E,X,C) :- at(E,X,C), leaf(E), not refuted(E,X).

% A list that may hold more rows settles neither "none" nor "every".
open(E) :- over(E,L,_), not complete(L).
yes_row_@(E,R,C) :- at(E,_,C), over(E,L,I), row(L,R), @(I,row(L,R),C).
no_row_~(E,C) :- at(E,_,C), over(E,L,I), row(L,R), not @(I,row(L,R),C).
@(E,X,C) :- at(E,X,C), some(E), yes_row_@(E,_,C).
possibly(E,X,C) :- at(E,X,C), some(E), open(E).
surely(E,X,C) :- at(E,X,C), every(E), not open(E), not no_row_possibly(E,C).
possibly(E,X,C) :- at(E,X,C), every(E), not no_row_surely(E,C).
@(E,X,C) :- at(E,X,C), at_least(E,N), N <= #count { R : yes_row_@(E,R,C) }.
possibly(E,X,C) :- at(E,X,C), at_least(E,_), open(E).

% Connectives and definitions.
@(E,X,C) :- at(E,X,C), not_(E), inside(E,I), not ~(I,X,C).
fails_~(E,X,C) :- at(E,X,C), and_(E), inside(E,I), not @(I,X,C).
@(E,X,C) :- at(E,X,C), and_(E), not fails_~(E,X,C).
@(E,X,C) :- at(E,X,C), or_(E), inside(E,I), @(I,X,C).
@(E,X,C) :- at(E,X,C), calls(E,D), version(D,V), stands_@(d(V),C), part(d(V),when,I), @(I,X,C),
    not undercut_~(V,X,C).
undercut_@(V,X,C) :- at(E,X,C), calls(E,D), version(D,V), part(d(V),except,I), @(I,X,C).

% Applies, wins.  Whoever is beaten does not beat.
switched_off_@(K,N) :- asked(K,C), about(K,N), part(n(N),except,E), @(E,case,C).
applies_@(K,N) :- asked(K,C), about(K,N), part(n(N),when,E), @(E,case,C), stands_@(n(N),C),
    not switched_off_~(K,N).
view(K,whole) :- asked(K,_).
view(K,layer(L)) :- about(K,N), layer(N,L).
in(K,whole,N) :- about(K,N).
in(K,layer(L),N) :- about(K,N), layer(N,L).
beaten_@(K,V,N) :- in(K,V,N), in(K,V,M), beats(M,N), wins_@(K,V,M).
wins_@(K,V,N) :- in(K,V,N), applies_@(K,N), not beaten_~(K,V,N).

% What the winners make of the action.
there_is_@(K,V,E) :- wins_@(K,V,N), effect(N,E).
power_@(K,V) :- wins_@(K,V,N), power(N).
% A must not against a may of its rung is no conflict where another must not stands unanswered.
answered_@(K,V,M) :- in(K,V,M), wins_@(K,V,N), clash(M,N), effect(N,may).
unanswered_@(K,V) :- wins_@(K,V,M), effect(M,must_not), not answered_~(K,V,M).
clash_@(K,V) :- wins_@(K,V,M), wins_@(K,V,N), clash(M,N), effect(N,must).
clash_@(K,V) :- wins_@(K,V,M), wins_@(K,V,N), clash(M,N), effect(N,may), not unanswered_~(K,V).
silence_@(K,V) :- view(K,V), not there_is_~(K,V,must), not there_is_~(K,V,must_not), not clash_~(K,V).
outcome_@(K,V,"conflict") :- clash_@(K,V).
outcome_@(K,V,"must not") :- there_is_@(K,V,must_not), not clash_~(K,V).
outcome_@(K,V,"must") :- there_is_@(K,V,must), not there_is_~(K,V,must_not), not clash_~(K,V).
outcome_@(K,whole,"may") :- silence_@(K,whole), closure(K,"open").
outcome_@(K,whole,"not due") :- silence_@(K,whole), closure(K,"duty").
outcome_@(K,whole,"may") :- silence_@(K,whole), closure(K,"no power"), power_@(K,whole).
outcome_@(K,whole,"must not") :- silence_@(K,whole), closure(K,"no power"), not power_~(K,whole).
outcome_@(K,layer(L),"may") :- silence_@(K,layer(L)), there_is_@(K,layer(L),may).
outcome_@(K,layer(L),"silent") :- silence_@(K,layer(L)), not there_is_~(K,layer(L),may).

#show applies_surely/2. #show applies_possibly/2.
#show won/3.
won(surely,K,N) :- wins_surely(K,whole,N).
won(possibly,K,N) :- wins_possibly(K,whole,N).
#show view/2. #show outcome_surely/3. #show outcome_possibly/3.
"""


def _both_ways(program: str) -> str:
    lines: list[str] = []
    for rule in program.replace(",\n    ", ", ").splitlines():
        if "@" not in rule and "~" not in rule:
            lines.append(rule)
            continue
        for mode, other in (("surely", "possibly"), ("possibly", "surely")):
            lines.append(rule.replace("@", mode).replace("~", other))
    return "\n".join(lines)


_CASE = _both_ways(CASE)


def _only_model(program: str, facts: Iterable[str]) -> list[clingo.Symbol]:
    control = clingo.Control(["0", "--warn=none"])
    control.add("base", [], program + "\n" + "\n".join(facts))
    control.ground([("base", [])])
    models: list[list[clingo.Symbol]] = []
    with control.solve(yield_=True) as handle:
        for model in handle:
            models.append(model.symbols(shown=True))
            assert len(models) == 1, "the law has more than one model"
    assert len(models) == 1, "the law has no model"
    return models[0]


@lru_cache(maxsize=10_000)
def _text(text: str) -> str:
    return str(clingo.String(text))


# -- days, by our own count -----------------------------------------------------------------------------------------

_LAST_DAY = 3_652_059  # 31 December 9999, counted from 1 January of the year 1 as 1


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _length(year: int, month: int) -> int:
    if month == 2:
        return 29 if _leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _number(year: int, month: int, day: int) -> int:
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    return days + sum(_length(year, m) for m in range(1, month)) + day


def _civil(number: int) -> tuple[int, int, int]:
    year = number * 400 // 146_097 + 1
    while _number(year, 1, 1) > number:
        year -= 1
    while _number(year + 1, 1, 1) <= number:
        year += 1
    left, month = number - _number(year, 1, 1), 1
    while left >= _length(year, month):
        left -= _length(year, month)
        month += 1
    return year, month, left + 1


def _day_number(day: date) -> int:
    return _number(day.year, day.month, day.day)


def moved_day(number: int, amount: int, unit: str) -> int:
    """The day number ``amount`` units on; the last day of a shorter month; never beyond the calendar's ends."""
    if unit == "days":
        return min(max(number + amount, 1), _LAST_DAY)
    year, month, day = _civil(number)
    if unit == "years":
        year += amount
    else:
        assert unit == "months"
        count = year * 12 + month - 1 + amount
        year, month = count // 12, count % 12 + 1
    if year < 1:
        return 1
    if year > 9999:
        return _LAST_DAY
    return _number(year, month, min(day, _length(year, month)))


# -- the law of one day ---------------------------------------------------------------------------------------------


def _window(of: str, window: Window) -> Iterable[str]:
    yield f"text({of})."
    if window.start is not None:
        yield f"starts({of},{_day_number(window.start)})."
    if window.end is not None:
        yield f"ends({of},{_day_number(window.end)})."


def _law_facts(library: Library, agency: Agency, day: date) -> Iterable[str]:
    yield f"today({_day_number(day)})."
    for place in {agency.id, *agency.places}:
        yield f"here({_text(place)})."
    for kind in agency.kinds:
        yield f"kind({_text(kind)})."
    rungs = {}
    for layer, names in library.ladder.layers:
        for name in names:
            rungs[name] = (len(rungs), layer)
    instruments = {i.id: i for i in library.instruments}
    for n, norm in enumerate(library.norms):
        instrument = instruments[norm.instrument]
        rung, layer = rungs[instrument.authority]
        binding = norm.binding or instrument.binding
        yield from _window(f"n({n})", norm.window)
        yield f"id({n},{_text(norm.id)}). part_of({n},{_text(norm.instrument)}). about({n},{_text(norm.action)})."
        yield f"effect({n},{norm.effect.replace(' ', '_')}). rung({n},{rung}). layer({n},{_text(layer)})."
        yield from (f"bound({n},{_text(p)})." for p in binding.places)
        yield from (f"only({n},{_text(k)})." for k in binding.kinds)
        yield from (f"but({n},{_text(e)})." for e in binding.except_)
        yield from (f"despite({n},{_text(i)})." for i in norm.despite)
        if norm.protected:
            yield f"protected({n})."
        if norm.gives_power:
            yield f"gives_power({n})."
    for d, version in enumerate(library.definitions):
        yield f"definition({d})."
        yield from _window(f"d({d})", version.window)
    for o, order in enumerate(library.orders):
        yield from _window(f"o({o})", order.window)
        yield from (f"stays({o},{_text(i)})." for i in order.norms)
        yield from (f"reaches({o},{_text(p)})." for p in order.places)
    for p, preemption in enumerate(library.preemptions):
        yield from _window(f"p({p})", preemption.window)
        yield f"preempts({p},{_text(preemption.upper)},{_text(preemption.lower)})."
        yield from (f"scope({p},{_text(a)})." for a in preemption.actions)


def speaking_law(library: Library, agency: Agency, day: date) -> SpeakingLaw:
    """Which norms speak to the agency on that day, and what stands between them."""
    found: dict[str, list[tuple[int, ...]]] = {}
    for atom in _only_model(LAW, _law_facts(library, agency, day)):
        found.setdefault(atom.name, []).append(tuple(a.number for a in atom.arguments))

    def ones(name: str) -> list[int]:
        return sorted(x[0] for x in found.get(name, []))

    def twos(name: str) -> frozenset[tuple[int, int]]:
        return frozenset((x[0], x[1]) for x in found.get(name, []))

    return SpeakingLaw(
        tuple(ones("live")),
        tuple(ones("stayed")),
        tuple(ones("current")),
        twos("beats"),
        twos("clash"),
        frozenset(ones("power")),
        "circle" in found,
    )


# -- one case ---------------------------------------------------------------------------------------------------------

_OPERATORS = {"is": "is", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}


def _value(value: FactValue, name: str = "", where: str = "") -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            # clingo counts to two thousand million; cents may go beyond.
            high, low = divmod(value, 1_000_000_000)
            return f"number({high},{low})"
        case str():
            return f"word({_text(value)})"
        case datetime():
            at = value.astimezone(UTC)
            second = at.hour * 3600 + at.minute * 60 + at.second
            return f"moment({_day_number(value)},({_day_number(at)},{second},{at.microsecond}))"
        case date():
            return f"day({_day_number(value)})"
        case frozenset():
            return f"several({_text(name)},{where})"
        case _:
            raise AssertionError(f"no value of the language: {value!r}")


@dataclass
class _Facts:
    """The facts of a ``CASE`` program under construction; equal conditions share one node."""

    lines: list[str] = field(default_factory=list)
    nodes: dict[Expression, int] = field(default_factory=dict)
    days: set[int] = field(default_factory=set)
    moves: set[tuple[int, str]] = field(default_factory=set)
    called: dict[str, None] = field(default_factory=dict)

    def values(self, where: str, values: Mapping[str, FactValue]) -> None:
        for name, value in values.items():
            if value is None:
                continue
            self.lines.append(f"value({where},{_text(name)},{_value(value, name, where)}).")
            if isinstance(value, frozenset):
                self.lines += [f"holds({where},{_text(name)},{_text(m)})." for m in value]
            self._note(value)

    def _note(self, value: object) -> None:
        if isinstance(value, date):
            self.days.add(_day_number(value))

    def side(self, node: int, side: str, value: Value) -> None:
        match value:
            case Literal(written):
                self.lines.append(f"written({node},{side},{_value(written)}).")
                self._note(written)
            case Name(name, row):
                self.lines.append(f"reads({node},{side},{'row' if row else 'case'},{_text(name)}).")

    def node(self, expression: Expression) -> int:
        known = self.nodes.get(expression)
        if known is not None:
            return known
        at = self.nodes[expression] = len(self.nodes)
        say = self.lines.append
        match expression:
            case Fact(name, row):
                say(f"leaf({at}). yes_no({at}).")
                self.side(at, "left", Name(name, row))
            case Compare(op, left, right):
                say(f"leaf({at}). compare({at},{_OPERATORS[op]}).")
                self.side(at, "left", left)
                self.side(at, "right", right)
            case OneOf(left, members) | Includes(left, members):
                say(f"leaf({at}). {'one_of' if isinstance(expression, OneOf) else 'includes'}({at}).")
                self.side(at, "left", left)
                self.lines += [f"wanted({at},{_text(m)})." for m in members]
            case Within(left, amount, unit, anchor, after, strict):
                way, far = ("after", amount) if after else ("before", -amount)
                say(f"leaf({at}). within({at},{way}({amount},{unit}),{'strict' if strict else 'inclusive'}).")
                self.side(at, "left", left)
                self.side(at, "right", anchor)
                self.moves.add((far, unit))
            case Not(item):
                say(f"not_({at}). inside({at},{self.node(item)}).")
            case And(items) | Or(items):
                say(f"{'and_' if isinstance(expression, And) else 'or_'}({at}).")
                self.lines += [f"inside({at},{self.node(i)})." for i in items]
            case Some(name, where):
                say(f"some({at}). over({at},{_text(name)},{self.node(where)}).")
            case Every(name, where):
                say(f"every({at}). over({at},{_text(name)},{self.node(where)}).")
            case AtLeast(count, name, where):
                say(f"at_least({at},{count}). over({at},{_text(name)},{self.node(where)}).")
            case Defined(name, _):
                say(f"calls({at},{_text(name)}).")
                self.called[name] = None
        return at

    def provision(self, of: str, when: Expression, exceptions: Iterable[Expression], reading: ReadingOf | None) -> None:
        self.lines.append(f"part({of},when,{self.node(when)}).")
        self.lines += [f"part({of},except,{self.node(e)})." for e in exceptions]
        if reading is not None:
            self.lines.append(f"under({of},{_text(reading.question)},{_text(reading.answer)}).")


def referee(
    library: Library, agency: Agency, case: Case, asked: Sequence[Asked], law: SpeakingLaw | None = None
) -> list[Answer]:
    """The answer to each (action, readings) asked; the law is that of ``case.law_date``."""
    assert case.law_date is not None
    law = law or speaking_law(library, agency, case.law_date)
    assert not law.circle, "norms that beat each other in a circle have no one answer"
    facts = _Facts()
    actions = {action for action, _ in asked}
    live = [n for n in law.live if library.norms[n].action in actions]
    layers = _layers(library)
    for n in live:
        norm = library.norms[n]
        facts.provision(f"n({n})", norm.when, norm.exceptions, norm.reading)
        facts.lines.append(f"effect({n},{norm.effect.replace(' ', '_')}). layer({n},{_text(layers[norm.instrument])}).")
        if n in law.powers:
            facts.lines.append(f"power({n}).")
    written: set[str] = set()
    while waiting := [name for name in facts.called if name not in written]:
        written.update(waiting)
        for d in law.definitions:
            version = library.definitions[d]
            if version.name in waiting:
                facts.lines.append(f"version({_text(version.name)},{d}).")
                facts.provision(f"d({d})", version.when, version.exceptions, version.reading)
    facts.lines += [f"beats({m},{n})." for m, n in law.beats if m in live]
    facts.lines += [f"clash({m},{n})." for m, n in law.clashes if m in live]
    choices: dict[tuple[tuple[str, str], ...], int] = {}
    closures = {a.name: a.closure for a in library.vocabulary.actions}
    for k, (action, readings) in enumerate(asked):
        choice = choices.setdefault(tuple(sorted(readings.items())), len(choices))
        facts.lines.append(f"asked({k},{choice}). closure({k},{_text(closures[action])}).")
        facts.lines += [f"about({k},{n})." for n in live if library.norms[n].action == action]
    for answers, choice in choices.items():
        facts.lines.append(f"choice({choice}).")
        facts.lines += [f"chosen({choice},{_text(q)},{_text(a)})." for q, a in answers]
    facts.values("case", {**case.values, "law date": case.law_date})
    for name, rows in case.lists.items():
        if rows.complete:
            facts.lines.append(f"complete({_text(name)}).")
        for r, row in enumerate(rows.rows):
            facts.lines.append(f"row({_text(name)},{r}).")
            facts.values(f"row({_text(name)},{r})", row)
    for amount, unit in facts.moves:
        facts.lines += [f"moved({d},{amount},{unit},{moved_day(d, amount, unit)})." for d in facts.days]
    return _answers(library, _only_model(_CASE, facts.lines), len(asked), asked, live)


@lru_cache(maxsize=64)
def _layers_of(ladder: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    return {name: layer for layer, names in ladder for name in names}


def _layers(library: Library) -> dict[str, str]:
    layer = _layers_of(library.ladder.layers)
    return {i.id: layer[i.authority] for i in library.instruments}


def _answers(
    library: Library, model: list[clingo.Symbol], count: int, asked: Sequence[Asked], live: Sequence[int]
) -> list[Answer]:
    truths: list[dict[str, dict[int, int]]] = []
    for action, _ in asked:
        norms = [n for n in live if library.norms[n].action == action]
        truths.append({"applies": dict.fromkeys(norms, 0), "wins": dict.fromkeys(norms, 0)})
    sure: list[dict[str, set[str]]] = [{} for _ in range(count)]
    possible: list[dict[str, set[str]]] = [{} for _ in range(count)]

    def named(view: clingo.Symbol) -> str:
        return view.arguments[0].string if view.name == "layer" else ""

    for atom in model:
        match atom.name, atom.arguments:
            case "applies_surely" | "applies_possibly", [k, n]:
                truths[k.number]["applies"][n.number] += 1
            case "won", [_, k, n]:
                truths[k.number]["wins"][n.number] += 1
            case "view", [k, view]:
                possible[k.number].setdefault(named(view), set())
            case "outcome_possibly", [k, view, word]:
                possible[k.number].setdefault(named(view), set()).add(word.string)
            case "outcome_surely", [k, view, word]:
                sure[k.number].setdefault(named(view), set()).add(word.string)
    answers = []
    for k in range(count):
        for view, words in possible[k].items():
            certain = sure[k].get(view, set())
            assert words, "something always comes out"
            assert not certain or certain == words, "what is sure leaves nothing else possible"
        ids = {name: {library.norms[n].id: t for n, t in of.items()} for name, of in truths[k].items()}
        views = {view: frozenset(words) for view, words in possible[k].items()}
        answers.append(Answer(ids["applies"], ids["wins"], views.pop(""), views))
    return answers
