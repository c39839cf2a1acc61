"""Strong Kleene truth, table by table."""

from __future__ import annotations

from itertools import product

import pytest

from comity.truth import NO, UNKNOWN, YES, all_of, any_of, from_bool, negate, word

ALL = (NO, UNKNOWN, YES)


def test_three_truths_are_three_ranks() -> None:
    assert (NO, UNKNOWN, YES) == (0, 1, 2)
    assert [word(v) for v in ALL] == ["no", "unknown", "yes"]
    assert [from_bool(v) for v in (False, None, True)] == [NO, UNKNOWN, YES]


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (NO, NO, NO, NO),
        (NO, UNKNOWN, NO, UNKNOWN),
        (NO, YES, NO, YES),
        (UNKNOWN, NO, NO, UNKNOWN),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        (UNKNOWN, YES, UNKNOWN, YES),
        (YES, NO, NO, YES),
        (YES, UNKNOWN, UNKNOWN, YES),
        (YES, YES, YES, YES),
    ],
)
def test_and_or(left: int, right: int, both: int, either: int) -> None:
    assert all_of([left, right]) == both
    assert any_of([left, right]) == either


def test_not() -> None:
    assert [negate(v) for v in ALL] == [YES, UNKNOWN, NO]


def test_nothing_to_meet_is_yes_and_nothing_to_choose_from_is_no() -> None:
    assert all_of([]) == YES
    assert any_of([]) == NO


@pytest.mark.parametrize("values", list(product(ALL, repeat=3)))
def test_not_turns_and_into_or(values: tuple[int, ...]) -> None:
    assert negate(all_of(values)) == any_of(negate(v) for v in values)
    assert negate(negate(values[0])) == values[0]


@pytest.mark.parametrize("values", list(product(ALL, repeat=3)))
def test_a_firm_answer_is_that_of_every_completion(values: tuple[int, ...]) -> None:
    completions = list(product(*((NO, YES) if v == UNKNOWN else (v,) for v in values)))
    for connective in (all_of, any_of):
        answers = {connective(c) for c in completions}
        firm = connective(values)
        assert answers == {firm} if firm != UNKNOWN else answers == {NO, YES}
