"""What was computed of an action against what the record says was done."""

from __future__ import annotations

from typing import Final

from comity.audit.judgement import Judgement
from comity.policy.outcome import MAY, MUST, MUST_NOT, NOT_DUE

__all__ = ["DECIDED", "DONE", "NOT_DONE", "NOT_TOLD", "RECORDED", "may_be_contrary", "verdict"]

NOT_TOLD: Final = 0
DONE: Final = 1
NOT_DONE: Final = 2

#: The words for ``CaseTable.recorded``, by its number.
RECORDED: Final = ("not told", "done", "not done")

#: Outcomes that settle an action.
DECIDED: Final = (MUST, MUST_NOT, MAY, NOT_DUE)


def verdict(outcome: str, recorded: int) -> str:
    """ "contrary" (done and *must not*, or not done and *must*), "consistent", "open" while the outcome is, or ""
    where the record does not tell.
    """
    if recorded == NOT_TOLD:
        return ""
    if outcome not in DECIDED:
        return "open"
    return "contrary" if (outcome, recorded) in ((MUST_NOT, DONE), (MUST, NOT_DONE)) else "consistent"


def may_be_contrary(judgement: Judgement, recorded: int) -> bool:
    """Whether a case that is still open can turn out contrary to law: an outcome that is still possible would be.

    A conflict of rules always has one that forbids, so what was done may have broken it; what was not done may have
    broken the other only where nothing but a conflict is possible.
    """
    if verdict(judgement.outcome, recorded) != "open":
        return False
    firm = [o for o in judgement.possible if o in DECIDED]
    if not firm or (recorded == DONE and len(firm) < len(judgement.possible)):
        return True
    return any(verdict(o, recorded) == "contrary" for o in firm)
