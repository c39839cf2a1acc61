"""How often what stands in the made-up jail: all of it assumed, so that every kind of answer and finding occurs."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "ASKS", "ATTACHED", "CHARGES", "COURTS", "DISPOSITIONS", "FELONY_WARRANT", "FORMS", "GROUNDS", "HELD_TO_ANSWER",
    "HISTORY_COMPLETE", "HOLDS_FOR_FEDERAL", "HOLDS_OTHERWISE", "JUDGE_SIGNED", "NOTIFIED", "OFFENCES", "PRIORS",
    "PRIOR_DISPOSITIONS", "PUBLIC_TIME", "REASONS", "REGISTERED", "SERVED", "STAYS", "TO_FEDERAL", "WARRANTS", "Mix",
    "Offence",
]  # fmt: skip


class Mix(NamedTuple):
    """Word -> weight, and the share of blanks."""

    words: dict[str, float]
    blank: float = 0.0


class Offence(NamedTuple):
    """A section as the jail writes it; ``felony``: share booked, or sentenced, as a felony; weights in two lists."""

    code: str
    literal: str
    felony: float
    charged: float
    earlier: float
    degree: str = ""


OFFENCES: Final = (
    Offence("VC 23152(a)", "DUI ALCOHOL", 0.03, 12, 14),
    Offence("VC 12500(a)", "UNLICENSED DRIVER", 0, 6, 5),
    Offence("VC 14601.1(a)", "DRIVE LIC SUSPENDED", 0, 4, 4),
    Offence("VC 20002(a)", "HIT AND RUN PROPERTY", 0, 2, 2),
    Offence("VC 23153(a)", "DUI CAUSING INJURY", 0.6, 0.8, 0.8),
    Offence("VC 10851(a)", "TAKE VEHICLE W/O CONSENT", 0.6, 3, 2.5),
    Offence("VC 2800.2(a)", "EVADE OFFICER RECKLESS", 0.8, 0.8, 0.6),
    Offence("PC 647(f)", "DRUNK IN PUBLIC", 0, 8, 7),
    Offence("PC 415", "DISTURBING THE PEACE", 0, 2, 3),
    Offence("PC 602", "TRESPASSING", 0, 4, 4),
    Offence("PC 148(a)(1)", "RESIST OBSTRUCT OFFICER", 0, 4, 3),
    Offence("PC 242", "BATTERY", 0, 4, 4),
    Offence("PC 243(b)", "BATTERY ON OFFICER", 0, 0.8, 0.6),
    Offence("PC 243(e)(1)", "BATTERY SPOUSE", 0, 5, 4),
    Offence("PC 273.5(a)", "CORPORAL INJURY SPOUSE", 0.5, 5, 3),
    Offence("PC 273.6(a)", "VIOLATE PROTECTIVE ORDER", 0, 2, 1.5),
    Offence("PC 273a(a)", "CHILD ENDANGERMENT", 0.5, 0.8, 0.6),
    Offence("PC 166(a)(4)", "CONTEMPT OF COURT", 0.02, 2, 2),
    Offence("PC 245(a)(1)", "ASSAULT DEADLY WEAPON", 0.8, 4, 2.5),
    Offence("PC 417(a)(1)", "BRANDISH WEAPON", 0, 1, 1),
    Offence("PC 422", "CRIMINAL THREATS", 0.7, 2, 1.2),
    Offence("PC 646.9(a)", "STALKING", 0.5, 0.4, 0.3),
    Offence("PC 236", "FALSE IMPRISONMENT", 0.4, 0.6, 0.4),
    Offence("PC 207(a)", "KIDNAPPING", 1, 0.3, 0.15),
    Offence("PC 211", "ROBBERY", 1, 2, 1.2),
    Offence("PC 664/211", "ATTEMPTED ROBBERY", 1, 0.4, 0.3),
    Offence("PC 459", "BURGLARY", 1, 1.5, 1.5, "first"),
    Offence("PC 459", "BURGLARY", 0.5, 3, 4, "second"),
    Offence("PC 484(a)", "PETTY THEFT", 0, 3, 5),
    Offence("PC 487(a)", "GRAND THEFT", 0.6, 2, 2.5),
    Offence("PC 496(a)", "RECEIVE STOLEN PROPERTY", 0.4, 2, 2.5),
    Offence("PC 470(a)", "FORGERY", 0.5, 0.6, 0.8),
    Offence("PC 530.5(a)", "IDENTITY THEFT", 0.6, 1, 1),
    Offence("PC 594(b)(1)", "VANDALISM $400 OR MORE", 0.4, 1.5, 1.2),
    Offence("HSC 11350(a)", "POSSESS NARCOTIC", 0.1, 3, 5),
    Offence("HSC 11351", "POSSESS NARC FOR SALE", 1, 1.2, 1.5),
    Offence("HSC 11352(a)", "TRANSPORT SELL NARCOTIC", 1, 0.8, 1.2),
    Offence("HSC 11364", "DRUG PARAPHERNALIA", 0, 3, 3),
    Offence("HSC 11377(a)", "POSSESS CONTROLLED SUBST", 0.1, 5, 6),
    Offence("HSC 11378", "POSSESS CS FOR SALE", 1, 1.5, 1.8),
    Offence("HSC 11379(a)", "TRANSPORT SELL CS", 1, 0.8, 1),
    Offence("HSC 11550(a)", "UNDER THE INFLUENCE", 0, 2.5, 3),
    Offence("PC 29800(a)(1)", "FELON WITH FIREARM", 1, 1.2, 0.8),
    Offence("PC 25850(a)", "LOADED FIREARM", 0.5, 0.8, 0.6),
    Offence("PC 136.1(b)", "DISSUADE WITNESS", 0.7, 0.4, 0.2),
    Offence("PC 288(a)", "LEWD ACT CHILD UNDER 14", 1, 0.3, 0.2),
    Offence("PC 261(a)(2)", "RAPE BY FORCE", 1, 0.15, 0.08),
    Offence("PC 290(b)", "FAIL TO REGISTER", 0.8, 0.3, 0.3),
    Offence("PC 192(a)", "VOLUNTARY MANSLAUGHTER", 1, 0.03, 0.06),
    Offence("PC 187(a)", "MURDER", 1, 0.12, 0.02),
    Offence("TX PC 22.01", "ASSAULT (TEXAS)", 0.2, 0, 0.6),
    Offence("8 USC 1326", "REENTRY AFTER REMOVAL", 1, 0, 1.5),
)

#: How many charges, and how many earlier convictions, a booking has.
CHARGES: Final = Mix({"1": 46, "2": 30, "3": 15, "4": 9})
PRIORS: Final = Mix({"0": 40, "1": 27, "2": 17, "3": 10, "4": 6})

#: First day -> forms of that time.
FORMS: Final = {
    "1900-01-01": {"I-247": 97.0, "none": 3.0},
    "2015-06-12": {"I-247D": 44.0, "I-247N": 44.0, "I-247X": 9.0, "none": 3.0},
    "2017-04-02": {"I-247A": 95.0, "I-247G": 2.5, "none": 2.5},
}
#: Form -> what is asked.
ASKS: Final = {
    "I-247": "hold;notification;transfer",
    "I-247D": "hold;notification;transfer",
    "I-247N": "notification",
    "I-247X": "transfer",
    "I-247A": "hold;notification;transfer",
    "I-247G": "notification",
    "none": "notification",
}
ATTACHED: Final = {
    "1900-01-01": {"": 92.0, "I-200": 6.0, "I-205": 2.0},
    "2017-04-02": {"I-200": 68.0, "I-205": 31.0, "": 1.0},
}
#: First day -> the box ticked on the form.
GROUNDS: Final = {
    "1900-01-01": {"investigation only": 58.0, "pending proceedings": 12.0, "final order": 20.0, "": 10.0},
    "2012-12-21": {"pending proceedings": 14.0, "final order": 30.0, "biometric match": 46.0, "": 10.0},
    "2017-04-02": {
        "pending proceedings": 12.0, "final order": 25.0, "biometric match": 43.0, "statements": 10.0, "": 10.0,
    },
}  # fmt: skip
#: What a judge signed, where one did.
COURTS: Final = Mix({"federal": 80, "state": 15}, 0.05)
WARRANTS: Final = Mix({"federal immigration crime": 55, "another crime": 40}, 0.05)
JUDGE_SIGNED: Final = Mix({"yes": 2, "no": 90}, 0.08)
SERVED: Final = Mix({"yes": 70, "no": 15}, 0.15)
FELONY_WARRANT: Final = Mix({"yes": 1, "no": 84}, 0.15)
PUBLIC_TIME: Final = Mix({"yes": 40, "no": 50}, 0.10)
NOTIFIED: Final = Mix({"yes": 30, "no": 55}, 0.15)
REGISTERED: Final = Mix({"yes": 1.5, "no": 92}, 0.065)
HISTORY_COMPLETE: Final = Mix({"yes": 85, "no": 15})
HELD_TO_ANSWER: Final = Mix({"yes": 20, "no": 65}, 0.15)

DISPOSITIONS: Final = Mix({"PENDING": 40, "CONVICTED": 28, "DISMISSED": 20, "NOT FILED": 12})
PRIOR_DISPOSITIONS: Final = Mix({"CONVICTED": 94, "EXPUNGED": 2.5, "REDUCED": 2, "SET ASIDE": 1.5})

TO_FEDERAL: Final = "RELEASED TO ICE"
#: First day -> how a booking ends.
REASONS: Final = {
    "1900-01-01": {
        TO_FEDERAL: 55.0, "BOND": 11.0, "OWN RECOGNIZANCE": 11.0, "TIME SERVED": 12.0, "CHARGES DISMISSED": 6.0,
        "TO STATE PRISON": 3.0, "TO OTHER AGENCY": 2.0,
    },
    "2014-01-01": {
        TO_FEDERAL: 32.0, "BOND": 17.0, "OWN RECOGNIZANCE": 18.0, "TIME SERVED": 18.0, "CHARGES DISMISSED": 9.0,
        "TO STATE PRISON": 3.0, "TO OTHER AGENCY": 3.0,
    },
    "2018-01-01": {
        TO_FEDERAL: 14.0, "BOND": 19.0, "OWN RECOGNIZANCE": 27.0, "TIME SERVED": 22.0, "CHARGES DISMISSED": 12.0,
        "TO STATE PRISON": 3.0, "TO OTHER AGENCY": 3.0,
    },
}  # fmt: skip

#: Minutes from one bound to the next -> weight.  From booking until release is due:
STAYS: Final = ((0, 0), (120, 1), (1_440, 26), (4_320, 30), (14_400, 22), (86_400, 14), (262_800, 7))
#: From when release is due to the release.
HOLDS_FOR_FEDERAL: Final = ((0, 0), (60, 25), (1_440, 32), (2_880, 28), (5_760, 11), (20_160, 4))
HOLDS_OTHERWISE: Final = ((0, 0), (60, 72), (360, 21), (1_440, 4), (2_880, 2), (5_760, 1))
