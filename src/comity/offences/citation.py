"""Reads an offence citation as people type it: "459 PC", "Pen. Code § 460(a)", "664/187", "H&S 11378", "TX PC 19.03".

The reader knows the shapes of citations, not the law: whether the section exists is the table's business.  It is
total: any text gives an ``OffenceCitation`` or a ``ComityError`` (CM502).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NoReturn

from comity.problems import ComityError, Problem

__all__ = ["OffenceCitation", "read_citation"]

#: California codes: the letters shown, and what people write for each (already folded: lower case, no full stops,
#: "and" as "&", no spaces round "&").
_CODES: Final[dict[str, str]] = {
    "PC": r"pc|cpc|pen code|penal code|pen c|penal",
    "HSC": r"hs|hsc|h&s|h&sc|h&s code|h&s c|health&safety code|health&safety|health&saf code|hs code",
    "VC": r"vc|cvc|veh code|vehicle code|veh",
    "BPC": r"bp|bpc|b&p|b&pc|b&p code|bus&prof code|business&professions code",
    "WIC": r"wi|wic|w&i|w&ic|w&i code|welf&inst code|welfare&institutions code",
    "INS": r"ins|ic|ins code|insurance code",
    "UIC": r"ui|uic|unemp ins code|unemployment insurance code",
    "LAB": r"lc|lab|lab code|labor code",
    "HNC": r"hn|hnc|h&n|h&nc|harb&nav code|harbors&navigation code",
    "GOV": r"gc|gov|gov code|government code",
    "FGC": r"fg|fgc|f&g|fish&game code",
    "LAMC": r"lamc|la municipal code|los angeles municipal code",
}
_STATES: Final[dict[str, str]] = {
    "tx": "tx", "tex": "tx", "texas": "tx", "ny": "ny", "new york": "ny", "nj": "nj", "njs": "nj", "njsa": "nj",
    "new jersey": "nj", "wa": "wa", "wash": "wa", "fl": "fl", "fla": "fl", "az": "az", "ariz": "az", "nv": "nv",
    "nev": "nv", "il": "il", "ill": "il", "ga": "ga", "nc": "nc", "va": "va", "md": "md", "pa": "pa", "mass": "ma",
    "conn": "ct", "ct": "ct", "colo": "co", "or": "or", "ore": "or", "utah": "ut", "ut": "ut", "nm": "nm",
}  # fmt: skip
#: Codes of other states: what people write -> the letters shown.
_STATE_CODES: Final[dict[tuple[str, str], str]] = {
    ("tx", "health&safety code"): "HSC", ("tx", "h&s code"): "HSC", ("tx", "h&s"): "HSC", ("tx", "hs"): "HSC",
    ("tx", "hsc"): "HSC", ("tx", "health&safety"): "HSC", ("tx", "transp code"): "TC", ("tx", "tc"): "TC",
    ("tx", "transportation code"): "TC", ("tx", "penal code"): "PC", ("tx", "pen code"): "PC", ("tx", "pc"): "PC",
    ("tx", ""): "PC", ("tx", "penal"): "PC", ("ny", "penal law"): "PL", ("ny", "pen law"): "PL", ("ny", "pl"): "PL",
    ("ny", "penal"): "PL", ("ny", ""): "PL", ("ny", "vehicle&traffic law"): "VTL", ("ny", "vtl"): "VTL",
}  # fmt: skip
#: Sections of the California Penal Code that end in a letter of their own.  Any other letter glued to a section is a
#: subdivision: "288a" is a section, "11350a" is 11350(a).  Source: the section headings of the code.
_LETTERED: Final = {
    "118": "a", "136": "a", "146": "a b c d e f g", "171": "b c d", "266": "a b c d e f g h i j k", "270": "a b c",
    "271": "a", "273": "a ab d e f g h i", "288": "a", "303": "a", "308": "b", "311": "a", "330": "a b c",
    "337": "a b c d i", "347": "b", "351": "a", "373": "a", "374": "c d", "381": "a b c d e", "383": "a",
    "384": "a", "402": "a b c", "405": "a b", "470": "a b", "476": "a", "484": "b c e f g h i j",
    "487": "a b c d e f g h i j k", "496": "a b c d e", "499": "b c d", "504": "a b", "506": "b", "529": "a",
    "531": "a", "532": "a b c d e f", "537": "b c e f g", "538": "a b c d e f g h", "587": "a b c", "588": "a b",
    "593": "a b c d e f g", "597": "a b c e f g h i j k l m n o p q r s t u v x z", "598": "a b c d", "599": "e f",
    "625": "b c", "640": "a b", "647": "a b c e", "653": "aa b c d f g h i j k m n o p q r s t u w x y z",
}  # fmt: skip
_CATEGORIES: Final = frozenset([chr(c) for c in range(65, 91)] + ["AA", "AB", "AC", "AD", "AE"])
_ORDINALS: Final = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth"}

_WORDS: Final = {word: letters for letters, words in _CODES.items() for word in words.split("|")}
_ANY_CODE = "|".join(sorted(_WORDS, key=len, reverse=True))
_CODE = re.compile(rf"(?<![a-z&{{])(?:{_ANY_CODE})(?![a-z&])")
_SUBS = r"(?:\s*\(\s*[0-9a-z]{1,3}\s*\))*"
_SECTION = r"\d{1,6}(?:\.\d{1,3})?(?:ab|aa|[a-z])?(?:(?<=[a-z])\.\d|\d{0,2})(?![0-9a-z.])"
#: Codes are marked first: "459 pc" is matched as "459 {PC}".
_PART = re.compile(
    rf"(?a)\s*(?:\{{([A-Z]+)\}}[\s:#,\-]{{0,3}})?({_SECTION})({_SUBS}\d{{0,2}})(?:[\s,\-]{{0,2}}\{{([A-Z]+)\}})?"
)
_SECOND = re.compile(r"(?a)\{[A-Z]+\}\s*\d|\d[\d.]*(?:\([0-9a-z]+\))*\s*\{")
_DEGREE = re.compile(r"(?<![0-9a-z])(1st|first|2nd|second|3rd|third|4th|fourth)(?![0-9a-z])")
_LEAD = re.compile(r"^(?:viol(?:ation)?(?: of)?|section|sec|the|california|calif|cal|ca)[\s:]+")
_INCHOATE = re.compile(
    r"^(attempted|attempt|att|conspiracy|consp)(?: to commit| to)?(?: murder| robbery| burglary)?[\s,:]+"
)
_ANY_STATE = "|".join(sorted(_STATES, key=len, reverse=True))
_STATE = re.compile(rf"(?a)^(?:us/)?({_ANY_STATE})(?![a-z])\s*([a-z& ]*?)\s*(\d.*)$")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z](?![a-z]))?")
_STATE_SECTION = re.compile(rf"(?a)(\d+[a-z]?(?:[.:\-]\d+[a-z]?)*(?:-[a-z](?![a-z0-9]))?)({_SUBS})")
_JERSEY = re.compile(rf"(?a)^(?:nj\s?s?\s?a?\s*)?2c:(\d+-\d+(?:\.\d+)?)([a-z]?)({_SUBS}(?:[0-9a-z](?![0-9a-z]))?)(.*)$")
_FEDERAL = re.compile(rf"(?a)^(\d{{1,2}})\s*(?:usc|us c|us code|us)\s*(\d+[a-z]?(?:-\d+)?)({_SUBS})(.*)$")
_NCIC = re.compile(r"(?a)^ncic(?:\s+code)?\W*(\d{2}[0-9a-z]{2})(.*)$")
_CATEGORY = re.compile(r"^(?:category|cat)\s*\(?\s*([a-z]{1,2})\s*\)?$")


@dataclass(frozen=True, slots=True)
class OffenceCitation:
    """One offence as cited.

    ``jurisdiction`` is "us/ca", "us/tx", "us" (federal, and NCIC codes); ``code`` the code's letters ("PC", "HSC",
    "18 USC", "NCIC", "category"; empty when none was written); ``section`` the number; ``subdivisions`` the bracketed
    steps without brackets; ``with_section`` the punishment or enhancement section written after a stroke
    ("459/460(a)" has "460(a)"); ``degree`` "first" to "fourth" or empty.  ``str()`` gives the canonical spelling,
    which reads back to the same value.
    """

    code: str
    section: str
    subdivisions: tuple[str, ...] = ()
    with_section: str = ""
    attempt: bool = False
    conspiracy: bool = False
    degree: str = ""
    jurisdiction: str = "us/ca"

    @property
    def provision(self) -> str:
        """Section and subdivisions, "460(a)"."""
        return self.section + "".join(f"({s})" for s in self.subdivisions)

    def __str__(self) -> str:
        if self.code == "2C":
            return f"NJ 2C:{self.provision}"
        lead = "".join([*(["664/"] if self.attempt else []), *(["182/"] if self.conspiracy else [])])
        body = lead + self.provision + (f"/{self.with_section}" if self.with_section else "")
        state = "" if self.jurisdiction in ("us/ca", "us") else self.jurisdiction[3:].upper()
        return " ".join(x for x in (state, self.code, body, self.degree) if x)


def read_citation(text: str) -> OffenceCitation:
    """The citation written in ``text``.

    A bare number ("459") gives an empty ``code``; ``OffenceTable.find`` decides what it can mean.

    Raises:
        ComityError: CM502, when the text is not the citation of exactly one offence.
    """
    folded = _fold(text) if len(text) <= 400 else ""
    if not folded:
        _unreadable(text)
    special = _read_special(folded)
    if special is not None:
        return special
    for _ in range(4):
        folded = _LEAD.sub("", folded)
    attempt = conspiracy = False
    lead = _INCHOATE.match(folded)
    if lead is not None:
        attempt, conspiracy = lead.group(1).startswith("att"), lead.group(1).startswith("cons")
        folded = folded[lead.end() :]
        for _ in range(3):
            folded = _LEAD.sub("", folded)
    return _read_california(text, _mark(folded), attempt, conspiracy)


def _fold(text: str) -> str:
    """Lower case; one kind of dash, quote and space; no full stops but decimal points; no section signs."""
    s = unicodedata.normalize("NFKC", text).lower()
    s = "".join("-" if unicodedata.category(c) == "Pd" or c == "\u2212" else " " if c.isspace() else c for c in s)
    s = re.sub(r"[§¶\"'`“”‘’{}]", " ", s)
    s = re.sub(r"\b(?:sec(?:tion|s)?|subds?|subdivisions?|pars?|paragraphs?)\b\.?", " ", s)
    s = re.sub(r"(?<=\d),(?= *\()", " ", s)  # "288, subd. (a)"
    s = _INITIALS.sub(lambda m: m.group().replace(".", "") + " ", s)  # "U.S.C." is "usc"
    s = re.sub(r"\.(?!\d)|(?<![0-9a-z])\.", " ", s)
    s = re.sub(r"\s+", " ", s)
    s = re.sub(r"\band\b", "&", s)
    s = re.sub(r"\s*&\s*", "&", s)
    s = re.sub(r"\b([a-z]) (?=[a-z]\b(?! ?[a-z]))", r"\1", s)  # "p c 459" is "pc 459"
    s = re.sub(r"\b([a-z]) ([a-z]) ([a-z])\b", r"\1\2\3", s)  # "u s c" is "usc"
    return s.strip(" ,;:-*")


def _read_special(s: str) -> OffenceCitation | None:
    """NCIC codes, list categories, federal, New Jersey and other states' sections; None for anything else."""
    if (m := _NCIC.match(s)) and _is_comment(m.group(2)):
        return OffenceCitation("NCIC", m.group(1).upper(), jurisdiction="us")
    if (m := _CATEGORY.match(s)) and m.group(1).upper() in _CATEGORIES:
        return OffenceCitation("category", m.group(1).upper())
    if (m := _FEDERAL.match(s)) and _is_comment(m.group(4)):
        return OffenceCitation(f"{int(m.group(1))} USC", m.group(2), _steps(m.group(3)), jurisdiction="us")
    if (m := _JERSEY.match(s)) and _is_comment(m.group(4)):
        steps = _steps(m.group(2)) + _steps(m.group(3))
        return OffenceCitation("2C", m.group(1), steps, jurisdiction="us/nj")
    if m := _STATE.match(s):
        state, code, rest = _STATES[m.group(1)], m.group(2).strip(), m.group(3)
        found = _STATE_SECTION.match(rest)
        if found is not None and _is_comment(rest[found.end() :]):
            letters = _STATE_CODES.get((state, code), code.replace("&", "").replace(" ", "").upper())
            return OffenceCitation(letters, found.group(1), _steps(found.group(2)), jurisdiction=f"us/{state}")
    return None


def _read_california(text: str, s: str, attempt: bool, conspiracy: bool) -> OffenceCitation:
    parts: list[tuple[str, str, tuple[str, ...]]] = []
    position = 0
    while (m := _PART.match(s, position)) is not None:
        code = m.group(1) or m.group(4) or ""
        section, extra = _split_letter(m.group(2), code)
        parts.append((code, section, extra + _steps(m.group(3))))
        position = m.end()
        # A stroke joins the parts of one charge; so does a dash, but only after 664 or 182 ("664-459").
        join = re.match(r"\s*/\s*" if section not in ("664", "182") else r"\s*/\s*|-(?=\d)", s[position:])
        if join is None:
            break
        position += join.end()
    rest = s[position:]
    if not parts or not _is_comment(rest):
        _unreadable(text)
    code = next((c for c, sec, _ in reversed(parts) if c and sec not in ("664", "182")), "")
    code = code or next((c for c, _, _ in parts if c), "")  # "PC 664/187": one code for both
    named = list(parts)
    if len(parts) > 1:
        attempt = attempt or any(sec == "664" for _, sec, _ in parts)
        conspiracy = conspiracy or any(sec == "182" for _, sec, _ in parts)
        named = [p for p in parts if p[1] not in ("664", "182")]
    if not 1 <= len(named) <= 2 or ((attempt or conspiracy) and named[0][1] in ("664", "182")):
        _unreadable(text)
    degree = _DEGREE.search(rest)
    second = OffenceCitation("", named[1][1], named[1][2]).provision if len(named) == 2 else ""
    word = "" if degree is None else _ORDINALS.get(degree.group(1), degree.group(1))
    return OffenceCitation(code, named[0][1], named[0][2], second, attempt, conspiracy, word)


def _mark(s: str) -> str:
    """Each code's name as its letters in braces; marking twice changes nothing."""
    return _CODE.sub(lambda m: "{" + _WORDS[m.group()] + "}", s)


def _split_letter(section: str, code: str) -> tuple[str, tuple[str, ...]]:
    """("11350a", "HSC") gives "11350" and ("a",); "245a1" gives ("a", "1"); "288a" stays whole."""
    m = re.fullmatch(r"(\d+(?:\.\d+)?)([a-z]{1,2})(\d*)", section)
    if m is None:  # no letter, or a section such as "337a.1"
        return section, ()
    number, letter, digits = m.groups()
    if code in ("PC", "") and letter in _LETTERED.get(number, "").split():
        return number + letter, (digits,) if digits else ()
    return number, (letter, digits) if digits else (letter,)


def _steps(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[0-9a-z]+", text))


def _is_comment(rest: str) -> bool:
    """Whether what follows the citation is only words about it (charge text, a degree, a grade), not a second one."""
    if _SECOND.search(_mark(rest)) is not None:
        return False
    rest = rest.strip()
    if not rest:
        return True
    if rest[0] in "-:(,;[":  # introduced as charge text, which may hold numbers: "POSS MARIJ OVER 28.5 GRAM"
        return re.match(r"^\W*\d", rest) is None
    plain = re.search(r"\d", _DEGREE.sub("", rest)) is None
    return plain and (rest[0].isalpha() or _DEGREE.match(rest) is not None)


def _unreadable(text: str) -> NoReturn:
    shown = " ".join(text.split())[:60]
    raise ComityError(
        [
            Problem(
                "CM502",
                f'"{shown}" is not the citation of one offence',
                help="write code and section, one offence at a time: PC 459, PC 245(a)(1), HSC 11378, VC 23152(a), "
                "PC 664/187, TX PC 19.03, 8 USC 1326, NCIC 2202 or category F",
            )
        ]
    )
