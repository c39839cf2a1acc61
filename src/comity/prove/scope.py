"""Which law a claim is about: distinct versions, each with the conditions of the claim and what is taken for granted.

Conditions of a version, in order: the claim's own, the assumptions of the library, what claims of declared conflicts
say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from comity.policy.claims import Answered, Claim, Ended, NeverLooser, NoConflict, SameAs, Says, Stated, Unchanged
from comity.policy.expressions import Expression
from comity.policy.library import Library
from comity.policy.outcome import ASK_COUNSEL
from comity.prove.laws import Laws, Version

__all__ = ["THEN", "actions_of", "declared_conflicts", "versions_of"]

#: The name of the law of the other day, beside the action of a version that is compared with it.
THEN: Final = "the law of the other day"


def actions_of(says: Says, library: Library) -> tuple[str, ...]:
    """The actions a claim is about; all of them where it names none."""
    match says:
        case Stated(_, _, action, where):
            return (action, where) if where else (action,)
        case Ended(action):
            return (action,)
        case Unchanged() | NeverLooser() | NoConflict() | Answered() | SameAs():
            return says.actions or tuple(a.name for a in library.vocabulary.actions)
    assert_never(says)


def versions_of(claim: Claim, laws: Laws) -> Iterator[Version]:
    """Version by version; each action by itself where the claim is about several."""
    conditions = [claim.whenever, *(a.holds for a in laws.library.assumptions)]
    actions = actions_of(claim.says, laws.library)
    groups = [actions] if isinstance(claim.says, Stated | Ended) else [(a,) for a in actions]
    if isinstance(claim.says, SameAs):
        yield from _then_and_now(claim, laws, claim.says, conditions)
        return
    for group in groups:
        if isinstance(claim.says, NoConflict):
            yield from _for_conflicts(claim, laws, group[0], conditions)
        else:
            yield from laws.versions(claim.agencies, claim.window, group, conditions)


def _for_conflicts(claim: Claim, laws: Laws, action: str, conditions: list[Expression]) -> Iterator[Version]:
    """An agency for which conflicts are declared stands by itself: what is declared for it excuses nobody else."""
    plain = [a for a in claim.agencies if not declared_conflicts(laws.library, a, action)]
    yield from laws.versions(plain, claim.window, [action], conditions)
    for agency in claim.agencies:
        declared = [c.whenever for c in declared_conflicts(laws.library, agency, action)]
        if declared:
            yield from laws.versions([agency], claim.window, [action], conditions + declared)


def _then_and_now(claim: Claim, laws: Laws, says: SameAs, conditions: list[Expression]) -> Iterator[Version]:
    """The law of the claim's window beside the law of its day, agency by agency."""
    for agency in claim.agencies:
        era = laws.stack(agency).at(says.day)
        for action in actions_of(says, laws.library):
            then = laws.opened(era, action)
            for now in laws.versions([agency], claim.window, [action], conditions):
                yield Version({**now.actions, THEN: then}, now.conditions, now.stretches)


def declared_conflicts(library: Library, agency: str, action: str) -> list[Claim]:
    """The claims that say of this agency and action that counsel is asked."""
    return [
        c
        for c in library.claims
        if isinstance(c.says, Stated)
        and (c.says.always, c.says.outcome, c.says.action) == (True, ASK_COUNSEL, action)
        and not c.says.where_allowed
        and agency in c.agencies
    ]
