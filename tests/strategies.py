"""Random surface statements: everything a block can say, with awkward words and lengths.

What is drawn is what the parser can make: names without reserved words, windows that hold a day, clocks as their text
says.  Meaning does not matter here, so names are not declared anywhere.
"""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from comity.calendar import Window
from comity.language import tree
from comity.language.blocks import BEARERS
from comity.language.checks import OUTCOMES
from comity.language.clauses import read_clock
from comity.language.conditions import RESERVED
from comity.language.declarations import ACTION_CLAUSES, CLOSURES, FACT_CLAUSES, TYPES
from comity.problems import Span

HERE = Span("test.md", 1)

_ODD = (
    "§",
    "7284.6(a)(4)",
    "when",
    "then",
    "at",
    "of",
    "no",
    "one",
    "maybe",
    "more",
    "case",
    "for",
    "by",
    "-",
    "--x",
    "(b)c",
)
_plain_word = st.text("abcdefghijklmnopqrstuvwxyzABCDE0123456789§./'-éß", min_size=1, max_size=12)
#: A word of a name; brackets only where they cling to it.
words = st.one_of(_plain_word, _plain_word, st.sampled_from(_ODD[:-1])).filter(
    lambda w: w not in RESERVED and w not in ("as", "in", "because", "missing", "reads", "displaces", "counts", "law")
)


def _text(strategy: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(strategy, min_size=1, max_size=most).map(" ".join)


def _phrase(text: str) -> tree.Phrase:
    return tree.Phrase(text, HERE)


names = _text(words, 4).filter(lambda t: not t.startswith("at least"))
phrases = names.map(_phrase)
#: Words that nothing reads but a person; any sign may stand in them.
free_text = _text(st.one_of(words, st.sampled_from((*_ODD, "and", "is", "not", "a,", "(see", "this)", "colon:"))), 40)
#: A value: what stands after "is" may not look like another comparison.
_LOOKS_LIKE_MORE = ("one", "at", "more", "less", "on", "before", "after", "within", "strictly")
_values = names.filter(lambda t: t.split()[0] not in _LOOKS_LIKE_MORE).map(_phrase)

_days = st.dates(date(1980, 1, 1), date(2040, 1, 1))
windows = st.one_of(
    st.just(Window()),
    st.builds(lambda d: Window(d), _days),
    st.builds(lambda d: Window(None, d), _days),
    st.lists(_days, min_size=2, max_size=2, unique=True).map(lambda ds: Window(min(ds), max(ds))),
)

_ONE_VALUE = ("is", "<", "<=", ">", ">=", "before", "after", "on or before", "on or after")
relations = st.one_of(
    st.builds(tree.Relation, phrases),
    st.builds(lambda left, op, v: tree.Relation(left, op, (v,)), phrases, st.sampled_from(_ONE_VALUE), _values),
    st.builds(
        lambda left, op, vs: tree.Relation(left, op, tuple(vs)),
        phrases,
        st.sampled_from(("one of", "includes")),
        st.lists(_values, min_size=1, max_size=12),
    ),
    st.builds(
        lambda left, strict, side, right, amount, unit: tree.Relation(
            left, f"{'strictly ' if strict else ''}within {side}", (right,), amount, unit
        ),
        phrases,
        st.booleans(),
        st.sampled_from(("before", "after")),
        phrases,
        st.integers(0, 999),
        st.sampled_from(("days", "months", "years")),
    ),
)
conditions: st.SearchStrategy[tree.Condition] = st.recursive(
    relations,
    lambda inner: st.one_of(
        st.builds(tree.Negation, inner),
        st.builds(
            lambda kind, items: tree.Group(kind, tuple(items)),
            st.sampled_from(("and", "or")),
            st.lists(inner, min_size=2, max_size=4),
        ),
        st.builds(tree.Quantifier, st.sampled_from(("any", "every")), phrases, inner),
        st.builds(tree.Quantifier, st.just("at least"), phrases, inner, st.integers(0, 99)),
    ),
    max_leaves=12,
)
_exceptions = st.lists(conditions, max_size=2).map(tuple)
_maybe_window = st.one_of(st.none(), windows)
_reading = st.one_of(st.none(), st.tuples(phrases, phrases))

_clock_texts = st.one_of(
    st.tuples(st.just("by"), names.filter(lambda t: not t[0].isdigit())),
    st.builds(
        lambda keyword, n, unit, start, anchor: (keyword, f"{n} {unit} {start} {anchor}"),
        st.sampled_from(("by", "for at most")),
        st.integers(1, 500),
        st.sampled_from(("hours", "days")),
        st.sampled_from(("after", "from")),
        names,
    ),
    st.builds(
        lambda n, anchor: ("for at most", f"{n} hours from {anchor}, not counting Saturdays, Sundays and holidays"),
        st.integers(1, 500),
        names,
    ),
    st.builds(lambda anchor: ("for at most", f"the end of the day of {anchor}"), names),
)
_timers = _clock_texts.map(lambda pair: tree.Timer(pair[0], read_clock(*pair, HERE), HERE))


@st.composite
def norms(draw: st.DrawFn) -> tree.NormBlock:
    contested = draw(st.booleans())
    return tree.NormBlock(
        draw(phrases),
        "agency" if contested else draw(st.sampled_from(BEARERS)),
        "contested" if contested else draw(st.sampled_from(("must", "must not", "may"))),
        _phrase(", ".join(draw(st.lists(names, min_size=1, max_size=5)))),
        draw(st.one_of(st.none(), conditions)),
        draw(_exceptions),
        tuple(draw(st.lists(phrases, max_size=2))),
        tuple(draw(st.lists(_timers, max_size=2))),
        draw(_maybe_window),
        draw(_reading),
        draw(st.one_of(st.just(""), free_text)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.one_of(st.none(), phrases)),
        draw(st.one_of(st.just(""), free_text)),
    )


definitions = st.builds(
    tree.DefinitionBlock,
    phrases,
    phrases,
    st.one_of(st.just(""), names),
    conditions,
    _exceptions,
    _maybe_window,
    _reading,
)

_fact_types = st.one_of(
    st.sampled_from(TYPES).map(lambda kind: (kind, (), "")),
    st.tuples(st.sampled_from(("one of", "some of")), st.lists(names, min_size=1, max_size=30).map(tuple), st.just("")),
    names.map(lambda record: ("list", (), record)),
)


def _attributes(keywords: tuple[str, ...]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    return st.lists(st.booleans(), min_size=len(keywords), max_size=len(keywords)).flatmap(
        lambda chosen: st.tuples(
            *(
                st.tuples(st.just(k), st.just("") if k == "counsel" else free_text)
                for k, yes in zip(keywords, chosen, strict=True)
                if yes
            )
        )
    )


_facts = st.builds(
    lambda name, type_, more: tree.FactLine(name, *type_, more), phrases, _fact_types, _attributes(FACT_CLAUSES)
)
_actions = st.builds(tree.ActionWord, phrases, st.sampled_from(CLOSURES), free_text, _attributes(ACTION_CLAUSES))
_named = st.lists(st.tuples(names, st.lists(names, max_size=12).map(tuple)), min_size=1, max_size=4).map(tuple)
_questions = st.builds(
    tree.QuestionBlock,
    phrases,
    free_text.filter(lambda t: not t.startswith("- ")),
    st.lists(free_text.map(_phrase), min_size=2, max_size=3).map(tuple),
)
_orders = st.builds(
    tree.OrderBlock,
    phrases,
    st.lists(phrases, min_size=1, max_size=3).map(tuple),
    st.lists(phrases, max_size=3).map(tuple),
    windows.filter(lambda w: w.start is not None),
    st.one_of(st.just(""), free_text),
)
_preemptions = st.builds(
    tree.PreemptionBlock, phrases, phrases, phrases, st.lists(phrases, max_size=4).map(tuple), _maybe_window
)
_adoptions = st.builds(tree.AdoptionBlock, phrases, phrases, phrases, phrases, _days, st.one_of(st.just(""), free_text))

_rows = st.one_of(
    st.builds(tree.RowGiven, phrases, st.sampled_from((0, -1))),
    st.builds(tree.RowGiven, phrases, st.just(1), st.lists(conditions, max_size=4).map(tuple)),
)
_expectations = st.builds(
    tree.Expectation,
    st.sampled_from(OUTCOMES),
    phrases,
    st.sampled_from(("", "federal", "state")),
    st.one_of(st.none(), phrases),
    st.one_of(st.none(), phrases),
)
_trials = st.builds(tree.Trial, _days, st.lists(_expectations, min_size=1, max_size=3).map(tuple))
_examples = st.builds(
    tree.Example,
    phrases,
    phrases,
    st.lists(st.one_of(_rows, st.lists(conditions, min_size=1, max_size=5).map(tuple)), max_size=4).map(tuple),
    st.lists(_trials, min_size=1, max_size=3).map(tuple),
)
_several = st.lists(phrases, min_size=1, max_size=3).map(tuple)


@st.composite
def _claims(draw: st.DrawFn) -> tree.Claim:
    """A claim of any kind; what its kind does not say stays empty."""
    says = draw(
        st.sampled_from(("always", "never", "unchanged", "never looser", "no conflict", "answered", "ended", "same"))
    )
    stated, everywhere = says in ("always", "never"), draw(st.booleans())
    some_or_none = st.one_of(st.just(()), _several)
    return tree.Claim(
        draw(phrases),
        (draw(phrases), *draw(some_or_none)) if everywhere else draw(_several),
        everywhere,
        draw(conditions if says in ("always", "never") else st.one_of(st.none(), conditions)),
        draw(_several) if says == "unchanged" else (),
        draw(windows),
        says,
        draw(st.sampled_from(OUTCOMES)) if stated else "",
        (draw(phrases),) if stated else draw(_several if says == "ended" else some_or_none),
        draw(st.one_of(st.none(), phrases)) if stated else None,
        _phrase(draw(st.sampled_from(("federal", "state")))) if says == "never looser" else None,
        draw(_days) if says == "same" else None,
    )


_assumptions = st.builds(
    lambda items: tree.AssumptionsBlock(tuple(items)),
    st.lists(
        st.one_of(
            st.builds(tree.AssumedThing, phrases, conditions, st.none()),
            st.builds(
                tree.AssumedThing,
                phrases,
                st.none(),
                st.just(Window(date(1900, 1, 1), date(2100, 1, 1))),
            ),
        ),
        min_size=1,
        max_size=3,
    ),
)

#: A statement and the kind of its block.
statements: st.SearchStrategy[tuple[tree.Statement, str]] = st.one_of(
    norms().map(lambda n: (n, "contested" if n.effect == "contested" else "norm")),
    definitions.map(lambda d: (d, "definition")),
    st.builds(tree.FactsBlock, phrases, st.lists(_facts, min_size=1, max_size=4).map(tuple)).map(
        lambda b: (b, "facts")
    ),
    st.builds(tree.ActionsBlock, st.lists(_actions, min_size=1, max_size=4).map(tuple)).map(lambda b: (b, "actions")),
    _questions.map(lambda b: (b, "question")),
    st.builds(tree.AuthoritiesBlock, _named).map(lambda b: (b, "authorities")),
    st.builds(tree.KindsBlock, _named).map(lambda b: (b, "kinds")),
    _orders.map(lambda b: (b, "order")),
    _preemptions.map(lambda b: (b, "preemption")),
    _adoptions.map(lambda b: (b, "adoption")),
    st.builds(tree.CheckBlock, st.lists(st.one_of(_examples, _claims()), min_size=1, max_size=3).map(tuple)).map(
        lambda b: (b, "check")
    ),
    _assumptions.map(lambda b: (b, "assumptions")),
)
