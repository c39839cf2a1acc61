"""What an offence is to the immigration-cooperation laws: one frozen value, every attribute yes, no or not known."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Offence"]


@dataclass(frozen=True, slots=True)
class Offence:
    """An offence as the law of one date sees it.  True, False and None are yes, no and not known.

    ``grades`` are the grades a conviction can have (a subset of felony, misdemeanor, infraction; empty when not
    known); ``wobbler`` is Pen. Code § 17(b): felony or misdemeanor at the court's or prosecutor's choice.

    ``serious`` and ``violent`` speak of a FELONY conviction and of the section alone (Pen. Code §§ 1192.7(c),
    667.5(c); the ``_item`` fields give the list numbers).  A finding of personal weapon use or great bodily injury,
    or a gang finding, can make other felonies serious or violent: ``weapon_or_injury_matters`` marks the usual ones.

    ``state_prison``: a felony conviction is punishable in state prison by the statute itself (Gov. Code
    § 7282.5(a)(2)); the ways around Pen. Code § 1170(h)(3) are facts of the person.  ``realignment_question``: the
    felony is now an 1170(h) one but the conviction is older than 1 October 2011, when every felony term was served in
    prison; no authority settles that, so ``state_prison`` is None and counsel must say.

    ``categories`` are the letters of Gov. Code § 7282.5(a)(3).  ``category_certain``: True, they are exactly what the
    list names (none at all if empty); False, they come from reading its "not limited to"; None, not known.
    ``felony_only_category``: all of them, (G) or (M), count felony convictions only.

    ``prop47``: a misdemeanor conviction is one that Proposition 47 made (Gov. Code § 7282.5(a)(6)).
    ``registration``: a conviction requires registration under Pen. Code § 290.  ``notice_11369``: listed in former
    Health & Saf. Code § 11369 (repealed after 31 December 2017).

    ``travis_2017``, ``nyc_listed``, ``nj_violent_or_serious``, ``nj_indictable`` serve the Travis County policy of
    2017, N.Y.C. Admin. Code §§ 9-131 and 14-154, and N.J. Attorney General Directive 2018-6.  ``aggravated_felony``
    is 8 USC 1101(a)(43) as a whole and ``aggravated_felony_paragraph`` its letter.

    ``checked`` says how the row was verified; ``note`` is for people to read.
    """

    citation: str
    name: str
    jurisdiction: str = "us/ca"
    grades: frozenset[str] = frozenset()
    wobbler: bool | None = None
    serious: bool | None = None
    serious_item: str = ""
    violent: bool | None = None
    violent_item: str = ""
    state_prison: bool | None = None
    realignment_question: bool = False
    categories: tuple[str, ...] = ()
    category_certain: bool | None = None
    felony_only_category: bool = False
    prop47: bool | None = None
    registration: bool | None = None
    domestic_violence: bool | None = None
    notice_11369: bool | None = None
    weapon_or_injury_matters: bool = False
    travis_2017: bool | None = None
    nyc_listed: bool | None = None
    nj_violent_or_serious: bool | None = None
    nj_indictable: bool | None = None
    aggravated_felony: bool | None = None
    aggravated_felony_paragraph: str = ""
    checked: str = ""
    note: str = ""

    @property
    def aggravated_felony_a_to_p(self) -> bool | None:
        """Whether it meets 8 USC 1101(a)(43)(A)-(P), the range Gov. Code § 7282.5(a)(5) uses; (Q)-(U) are outside."""
        if self.aggravated_felony is not False and self.aggravated_felony_paragraph in ("Q", "R", "S", "T", "U"):
            return False
        return self.aggravated_felony

    @property
    def federal_aggravated_felony(self) -> bool | None:
        """Whether a conviction of it is one of a *federal* crime within (A)-(P) (Gov. Code § 7282.5(a)(5)).

        A state crime is never one, however grave; an NCIC code does not say whose law was broken.
        """
        if self.jurisdiction == "us":
            return self.aggravated_felony_a_to_p
        return False if "/" in self.jurisdiction else None
