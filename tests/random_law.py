"""Random small libraries and cases, as core values: the raw material of every "same answers" test.

The vocabulary is fixed and tiny, so that random norms meet often.  A library first draws a small pool of conditions,
from which its norms take theirs, so that norms and actions share conditions as real law does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

from comity.calendar import Window, shift
from comity.case import Case, Rows
from comity.policy.authority import Agency, Ladder
from comity.policy.expressions import (
    ALWAYS,
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
    Within,
)
from comity.policy.facts import Action, FactType, FactWord, Question, Vocabulary
from comity.policy.library import Library
from comity.policy.norms import Binding, CourtOrder, DefinitionVersion, Instrument, Norm, Preemption, ReadingOf

T = TypeVar("T")

DAY = date(2016, 11, 14)
LEAP = date(2016, 2, 29)
AGENCY = Agency("us/xx/town/police", "Town police", "Town PD", ("us", "us/xx", "us/xx/town"), ("police",), "UTC", True)
SHERIFF = Agency("us/yy/sheriff", "Sheriff", "Sheriff", ("us", "us/yy"), ("sheriff", "jail"), "UTC", True)
LADDER = Ladder(
    (
        ("constitution", ("federal constitution",)),
        ("federal", ("federal statute",)),
        ("state", ("state statute", "state directive")),
        ("local", ("city ordinance",)),
        ("department", ("department policy",)),
    )
)
AUTHORITIES = tuple(LADDER.ranks())

VOCABULARY = Vocabulary(
    facts=(
        FactWord("warrant", "request", FactType("yes/no")),
        FactWord("served", "request", FactType("yes/no")),
        FactWord("form", "request", FactType("one of", ("A", "D", "N"))),
        FactWord("kinds", "request", FactType("some of", ("hold", "notify", "transfer"))),
        FactWord("count", "request", FactType("integer")),
        FactWord("bail", "request", FactType("money")),
        FactWord("received", "request", FactType("date")),
        FactWord("booked", "request", FactType("moment")),
        FactWord("released", "request", FactType("moment")),
        FactWord("convictions", "person", FactType("list", record="conviction")),
        FactWord("felony", "conviction", FactType("yes/no")),
        FactWord("listed", "conviction", FactType("yes/no")),
        FactWord("date", "conviction", FactType("date")),
        FactWord("grade", "conviction", FactType("one of", ("felony", "misdemeanor"))),
        FactWord("categories", "conviction", FactType("some of", ("F", "P", "S"))),
        FactWord("charges", "person", FactType("list", record="charge")),
        FactWord("dropped", "charge", FactType("yes/no")),
        FactWord("filed", "charge", FactType("date")),
    ),
    actions=(
        Action("hold", "no power", "keep"),
        Action("tell", "open", "notify"),
        Action("copy", "duty", "give a copy"),
    ),
    questions=(Question("q", "which?", ("wide", "narrow")), Question("r", "when?", ("then", "now", "never"))),
)

# The law date and its neighbours, then the far ends (and the days beyond) of the windows drawn below; then leap days.
_DAYS = (
    *(DAY, DAY - timedelta(days=1), DAY + timedelta(days=1)),
    *(date(2011, 11, 14), date(2011, 11, 13), date(2016, 10, 14), date(2015, 11, 14), date(2016, 12, 14)),
    *(LEAP, date(2011, 2, 28), date(2015, 2, 28), date(2017, 2, 28)),
)
_WEST, _EAST = timezone(timedelta(hours=-8)), timezone(timedelta(hours=9))
_MOMENTS = (
    datetime(2016, 11, 14, 17, 0, tzinfo=_WEST),
    datetime(2016, 11, 15, 1, 0, tzinfo=UTC),  # the same instant, another day
    datetime(2016, 11, 15, 10, 0, 0, 1, tzinfo=_EAST),
    datetime(2016, 11, 13, 23, 59, 59, tzinfo=_WEST),
    datetime(2016, 11, 14, 0, 0, tzinfo=_EAST),
    datetime(2016, 11, 14, 8, 0, tzinfo=_WEST),
    datetime(2011, 11, 14, 0, 30, tzinfo=_EAST),
    datetime(2011, 11, 13, 20, 0, tzinfo=_WEST),
)
_days = st.sampled_from(_DAYS)
_index = st.integers(0, 255)
_yes_no = st.booleans()


def _pick(draw: st.DrawFn, options: Sequence[T]) -> T:
    return options[draw(_index) % len(options)]


def _row(name: str) -> Name:
    return Name(name, True)


_ROW_LEAVES: tuple[Expression, ...] = (
    Fact("felony", True),
    Fact("listed", True),
    Fact("warrant"),
    Defined("recent", True),
    Defined("opened"),
    OneOf(_row("grade"), ("felony",)),
    Compare("is", _row("grade"), Literal("misdemeanor")),
    Includes(_row("categories"), ("F", "S")),
    *(Compare(op, _row("date"), Literal(d)) for op in ("<", ">=", "is") for d in (DAY, DAY - timedelta(days=365))),
    *(Compare(op, _row("date"), Name(n)) for op in ("<", ">=", "is") for n in ("received", "booked")),
    *(
        Within(_row("date"), amount, unit, anchor, after, strict)
        for amount, unit in ((5, "years"), (1, "months"), (1827, "days"))
        for anchor in (Name("law date"), Name("received"), Name("booked"))
        for after in (False, True)
        for strict in (False, True)
    ),
    Within(Name("received"), 1, "years", _row("date"), True),
    Some("charges", Fact("dropped", True)),
    Every("convictions", Fact("felony", True)),
)
_CHARGE_LEAVES: tuple[Expression, ...] = (
    Fact("dropped", True),
    Compare("<", _row("filed"), Name("received")),
    Within(_row("filed"), 30, "days", Name("law date")),
    Fact("served"),
)
_CASE_LEAVES: tuple[Expression, ...] = (
    Fact("warrant"),
    Fact("served"),
    Compare("is", Name("form"), Literal("A")),
    Compare("is", Name("form"), Literal("N")),
    OneOf(Name("form"), ("A", "D")),
    Includes(Name("kinds"), ("hold",)),
    Includes(Name("kinds"), ("notify", "transfer")),
    *(Compare(op, Name("count"), Literal(n)) for op in ("<", "<=", ">", ">=", "is") for n in (1, 2)),
    *(Compare(op, Name("bail"), Literal(5_000_000_000)) for op in ("<", ">=", "is")),
    *(Compare(op, Name("received"), Name("law date")) for op in ("<", ">=", "is")),
    *(Compare(op, Name("booked"), Name("released")) for op in ("<", "<=", ">", ">=", "is")),
    *(Compare(op, Name("booked"), right) for op in ("<", ">=", "is") for right in (Name("received"), Literal(DAY))),
    *(
        Within(left, amount, unit, anchor, after, strict)
        for left in (Name("received"), Name("booked"))
        for amount, unit, anchor in ((5, "years", Name("law date")), (1, "months", Name("released")))
        for after in (False, True)
        for strict in (False, True)
    ),
)
_row_leaf = st.sampled_from(_ROW_LEAVES)
_row_leaf_plain = st.sampled_from([e for e in _ROW_LEAVES if not isinstance(e, Defined)])
_charge_leaf = st.sampled_from(_CHARGE_LEAVES)
_case_leaf = st.sampled_from(_CASE_LEAVES)
_defined_leaf = st.sampled_from((Defined("opened"), Defined("both")))


def _tree(draw: st.DrawFn, leaf: st.SearchStrategy[Expression], depth: int) -> Expression:
    shape = draw(_index) % 8 if depth else 0
    if shape < 4:
        return draw(leaf)
    if shape == 4:
        return Not(_tree(draw, leaf, depth - 1))
    items = tuple(_tree(draw, leaf, depth - 1) for _ in range(2 if shape < 7 else 3))
    return And(items) if shape % 2 else Or(items)


@st.composite
def _trees(draw: st.DrawFn, leaf: st.SearchStrategy[Expression]) -> Expression:
    return _tree(draw, leaf, 2)


@st.composite
def _quantified(draw: st.DrawFn, rows: st.SearchStrategy[Expression]) -> Expression:
    kind = draw(_index) % 8
    if kind >= 6:
        where = draw(_charge_leaf)
        return Some("charges", where) if kind == 6 else Every("charges", where)
    where = draw(rows)
    if kind < 2:
        return Some("convictions", where)
    return Every("convictions", where) if kind < 4 else AtLeast(1 + draw(_index) % 3, "convictions", where)


@cache
def row_conditions(*, defined: bool = True) -> st.SearchStrategy[Expression]:
    return _trees(_row_leaf if defined else _row_leaf_plain)


@cache
def conditions(*, defined: bool = True) -> st.SearchStrategy[Expression]:
    leaves = [_case_leaf, _case_leaf, _quantified(row_conditions(defined=defined))]
    if defined:
        leaves.append(_defined_leaf)
    return _trees(st.one_of(*leaves))


_WINDOWS = (
    *(Window(),) * 12,
    Window(DAY, None),
    Window(None, DAY),
    Window(DAY - timedelta(days=1), DAY + timedelta(days=1)),
    Window(DAY + timedelta(days=1), None),
    Window(DAY - timedelta(days=365), DAY),
    Window(LEAP, None),
    Window(None, LEAP),
    Window(DAY - timedelta(days=3660), DAY + timedelta(days=400)),
)
windows = st.sampled_from(_WINDOWS)
_READINGS = (
    *(None,) * 8,
    ReadingOf("q", "wide"),
    ReadingOf("q", "narrow"),
    ReadingOf("r", "then"),
    ReadingOf("r", "never"),
)
_BINDINGS = (
    *(None,) * 16,
    Binding(("us/xx",), ("police",)),
    Binding(("us/yy",)),
    Binding(("us",), (), ("police",)),
    Binding(("us/xx/town/police",)),
    Binding(("us",), ("sheriff", "jail"), ("us/xx",)),
)
_EFFECTS = ("must not", "may", "must", "must not", "may", "contested")
_ACTIONS = ("hold", "hold", "tell", "hold", "copy")
_PLACES = (("us",), ("us/xx",), ("us/yy",), ("us/xx/town/police",))
INSTRUMENTS = tuple(
    Instrument(f"us/{i}", f"Instrument {i}", f"Act {i}", rung, Binding(("us",)), Window(), "", "test", f"{i}.md")
    for i, rung in enumerate(AUTHORITIES)
)


@st.composite
def libraries(draw: st.DrawFn, *, readings: bool = True, plain: bool = False) -> Library:
    """A library; with ``plain`` its conditions are single facts, and only what stands between norms is of interest."""
    if plain:
        pool: list[Expression] = [ALWAYS, ALWAYS, Fact("warrant"), Fact("served")]
    else:
        pool = [ALWAYS, ALWAYS, *(draw(conditions()) for _ in range(2 + draw(_index) % 3))]
    reading_options = _READINGS if readings else (None,)
    norms: list[Norm] = []
    count = 2 + draw(_index) % 9
    for n in range(count):
        flags = draw(_index)
        despite = tuple(
            dict.fromkeys(
                f"n{draw(_index) % (n + 1 if flags & 128 else count)}" for _ in range(max(0, flags % 8 - 3) % 4)
            )
        )
        norms.append(
            Norm(
                id=f"n{n}",
                instrument=_pick(draw, INSTRUMENTS).id,
                label=f"§ {n}",
                cite=f"Act § {n}",
                bearer="agency",
                effect=_pick(draw, _EFFECTS),
                action=_pick(draw, _ACTIONS),
                window=draw(windows),
                when=_pick(draw, pool),
                exceptions=tuple(_pick(draw, pool[2:]) for _ in range(max(0, flags // 8 % 4 - 1))),
                despite=tuple(d for d in despite if d != f"n{n}"),
                reading=_pick(draw, reading_options),
                protected=bool(flags & 32),
                gives_power=bool(flags & 64),
                binding=_pick(draw, _BINDINGS),
            )
        )
    return Library(
        "test", "0" * 64, Window(), VOCABULARY, LADDER, (("police", ()),), INSTRUMENTS, tuple(norms),
        () if plain else tuple(_definitions(draw, reading_options)), tuple(_orders(draw, norms)),
        tuple(_preemptions(draw, norms)), (), (AGENCY, SHERIFF), (),
    )  # fmt: skip


@st.composite
def conditions_apart(draw: st.DrawFn) -> Library:
    """Many conditions, each in a norm that nobody beats: one question to an engine tries them all."""
    norms = tuple(
        Norm(f"n{n}", INSTRUMENTS[2].id, f"§ {n}", f"Act § {n}", "agency", "may", "tell", Window(), draw(conditions()))
        for n in range(10)
    )
    return Library(
        "test", "0" * 64, Window(), VOCABULARY, LADDER, (("police", ()),), INSTRUMENTS, norms,
        tuple(_definitions(draw, _READINGS)), (), (), (), (AGENCY, SHERIFF), (),
    )  # fmt: skip


@st.composite
def windows_at_their_edges(draw: st.DrawFn) -> tuple[Library, Case]:
    """Date windows around one day, which stands on their edges or a day beside them."""
    day = draw(_days)
    norms = []
    for n in range(12):
        amount, unit = _pick(
            draw, ((5, "years"), (1, "years"), (1, "months"), (13, "months"), (30, "days"), (0, "days"))
        )
        after, strict = draw(_yes_no), draw(_yes_no)
        near = day + timedelta(days=draw(_index) % 3 - 1)
        anchor = shift(near, -amount if after else amount, unit) if draw(_index) % 4 else near
        window = Within(Name("received"), amount, unit, Literal(anchor), after, strict)
        norms.append(
            Norm(f"n{n}", INSTRUMENTS[2].id, f"§ {n}", f"Act § {n}", "agency", "may", "tell", Window(), window)
        )
    library = Library(
        "test", "0" * 64, Window(), VOCABULARY, LADDER, (("police", ()),), INSTRUMENTS, tuple(norms), (), (), (), (),
        (AGENCY, SHERIFF), (),
    )  # fmt: skip
    return library, Case(AGENCY, DAY, {"received": day})


def _definitions(draw: st.DrawFn, readings: Sequence[ReadingOf | None]) -> list[DefinitionVersion]:
    plain, rows = conditions(defined=False), row_conditions(defined=False)
    more = draw(_index)
    bodies = [("opened", "", plain)] * (1 + more % 3) + [("recent", "conviction", rows)] * (1 + more // 3 % 2)
    versions = []
    for name, record, body in bodies:
        when = draw(body)
        exceptions = (draw(body),) if draw(_index) % 3 == 2 else ()
        reading, window = _pick(draw, readings), draw(windows)
        versions.append(DefinitionVersion(name, record, "us/2", "Act § d", window, when, exceptions, reading))
    both = And((Defined("opened"), draw(_case_leaf)))
    versions.append(DefinitionVersion("both", "", "us/2", "Act § b", Window(), both))
    return versions


def _orders(draw: st.DrawFn, norms: list[Norm]) -> list[CourtOrder]:
    orders = []
    for _ in range(max(0, draw(_index) % 4 - 1)):
        stayed = tuple(dict.fromkeys(_pick(draw, norms).id for _ in range(1 + draw(_index) % 2)))
        orders.append(CourtOrder("us/0", "Case", stayed, _pick(draw, _PLACES), draw(windows)))
    return orders


def _preemptions(draw: st.DrawFn, norms: list[Norm]) -> list[Preemption]:
    found = []
    for _ in range(draw(_index) % 4):
        upper, lower = _pick(draw, norms), _pick(draw, norms)
        if upper.instrument == lower.instrument:
            continue
        names = draw(_index)
        above = upper.id if names & 1 else upper.instrument
        below = lower.id if names & 2 else lower.instrument
        actions = () if names & 4 else (upper.action,)
        found.append(Preemption(above, below, actions, "Supremacy", _pick(draw, _WINDOWS[9:])))
    return found


def _unknown_or(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.one_of(st.none(), strategy)


_values = st.fixed_dictionaries(
    {
        "warrant": _unknown_or(_yes_no),
        "served": _unknown_or(_yes_no),
        "form": _unknown_or(st.sampled_from(["A", "D", "N"])),
        "kinds": _unknown_or(st.frozensets(st.sampled_from(["hold", "notify", "transfer"]))),
        "count": _unknown_or(st.integers(0, 3)),
        "bail": _unknown_or(st.sampled_from([0, 4_999_999_999, 5_000_000_000, 5_000_000_001])),
        "received": _unknown_or(_days),
        "booked": _unknown_or(st.sampled_from(_MOMENTS)),
        "released": _unknown_or(st.sampled_from(_MOMENTS)),
    }
)
_convictions = st.lists(
    st.fixed_dictionaries(
        {
            "felony": _unknown_or(_yes_no),
            "listed": _unknown_or(_yes_no),
            "date": _unknown_or(_days),
            "grade": _unknown_or(st.sampled_from(["felony", "misdemeanor"])),
            "categories": _unknown_or(st.frozensets(st.sampled_from(["F", "P", "S"]))),
        }
    ),
    max_size=4,
)
_charges = st.lists(st.fixed_dictionaries({"dropped": _unknown_or(_yes_no), "filed": _unknown_or(_days)}), max_size=2)
_law_dates = st.sampled_from((DAY, DAY, DAY, LEAP, DAY - timedelta(days=1), DAY + timedelta(days=1)))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    lists = {}
    for name, rows in (("convictions", draw(_convictions)), ("charges", draw(_charges))):
        kept = draw(_index) % 4
        if rows or kept:
            lists[name] = Rows(tuple(rows), bool(kept % 2))
    agency = SHERIFF if draw(_index) % 5 == 4 else AGENCY
    return Case(agency, draw(_law_dates), draw(_values), lists)
