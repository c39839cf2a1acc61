"""Reading offence citations: real spellings, refusals, and two properties over all text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.offences import OffenceCitation, read_citation
from comity.problems import ComityError

SPELLINGS = [
    ("459 PC", "PC 459"),
    ("PC459", "PC 459"),
    ("PC 459", "PC 459"),
    ("pc 459", "PC 459"),
    ("459PC", "PC 459"),
    ("PC: 459", "PC 459"),
    ("PC#459", "PC 459"),
    ("211 P.C.", "PC 211"),
    ("P. C. 459", "PC 459"),
    ("459\u00a0PC", "PC 459"),
    ("459 PC - BURGLARY", "PC 459"),
    ("PC 422 (criminal threats)", "PC 422"),
    ("273.5 PC felony", "PC 273.5"),
    ("Penal Code § 460(a)", "PC 460(a)"),
    ("Penal Code section 288, subd. (a)", "PC 288(a)"),
    ("P.C. 273.5(A)", "PC 273.5(a)"),
    ("Cal. Pen. Code 211", "PC 211"),
    ("California Penal Code section 211", "PC 211"),
    ("violation of Penal Code 211", "PC 211"),
    ("PC 245(a)(1)", "PC 245(a)(1)"),
    ("PC 245 (a) (1)", "PC 245(a)(1)"),
    ("245(A)(1)PC-F", "PC 245(a)(1)"),
    ("245(A)(1)PC\u2013F", "PC 245(a)(1)"),
    ("245(A)(1) PC", "PC 245(a)(1)"),
    ("245a1 pc", "PC 245(a)(1)"),
    ("273.5(A) PC - INF CORP INJ:SPOUSE/COHAB (F)", "PC 273.5(a)"),
    ("187(A)PC", "PC 187(a)"),
    ("PC 337a.1", "PC 337a.1"),
    ("288A(C)(1)", "288a(c)(1)"),
    ("PC 288a", "PC 288a"),
    ("PC 273ab(a)", "PC 273ab(a)"),
    ("26100(c)", "26100(c)"),
    ("459", "459"),
    ("23152(A) VC", "VC 23152(a)"),
    ("CVC 23153", "VC 23153"),
    ("Veh. Code § 10851(a)", "VC 10851(a)"),
    ("VC 23152(a)/23550", "VC 23152(a)/23550"),
    ("23152 first", "23152 first"),
    ("HS 11378", "HSC 11378"),
    ("H&S 11378", "HSC 11378"),
    ("H & S Code section 11378", "HSC 11378"),
    ("HSC11350(A)", "HSC 11350(a)"),
    ("HSC 11350a", "HSC 11350(a)"),
    ("Cal. Health & Saf. Code, § 11351", "HSC 11351"),
    ("Health and Safety Code 11352", "HSC 11352"),
    ("11357(b) HS - POSS MARIJ OVER 28.5 GRAM", "HSC 11357(b)"),
    ("B&P 4060", "BPC 4060"),
    ("W&I 871", "WIC 871"),
    ("LAMC 41.27", "LAMC 41.27"),
    ("664/187 PC", "PC 664/187"),
    ("PC 664-459", "PC 664/459"),
    ("PC 664\u2013459", "PC 664/459"),
    ("187/664 PC", "PC 664/187"),
    ("664(A)/187(A) PC", "PC 664/187(a)"),
    ("Attempted 211 PC", "PC 664/211"),
    ("attempted murder PC 187", "PC 664/187"),
    ("182/211 PC", "PC 182/211"),
    ("PC 182(a)(1)/211", "PC 182/211"),
    ("conspiracy to commit PC 211", "PC 182/211"),
    ("664 PC/11378 HS", "HSC 664/11378"),
    ("PC 664/HSC 11378", "HSC 664/11378"),
    ("664/459/460(a) PC", "PC 664/459/460(a)"),
    ("459/460(a)", "459/460(a)"),
    ("459 1st", "459 first"),
    ("PC 459 second degree", "PC 459 second"),
    ("459 PC BURGLARY FIRST DEGREE", "PC 459 first"),
    ("NCIC 2202", "NCIC 2202"),
    ("NCIC code 35AA", "NCIC 35AA"),
    ("category F", "category F"),
    ("Category (AE)", "category AE"),
    ("TX PC 19.03", "TX PC 19.03"),
    ("Tex. Penal Code 22.021", "TX PC 22.021"),
    ("Texas Penal Code § 19.02(b)(1)", "TX PC 19.02(b)(1)"),
    ("Tex. Health & Safety Code 481.112", "TX HSC 481.112"),
    ("NY PL 140.30", "NY PL 140.30"),
    ("N.Y. Penal Law § 160.15", "NY PL 160.15"),
    ("NY PL 265.01-b", "NY PL 265.01-b"),
    ("NJ 2C:11-3", "NJ 2C:11-3"),
    ("2C:12-1b(1)", "NJ 2C:12-1(b)(1)"),
    ("N.J.S.A. 2C:15-1", "NJ 2C:15-1"),
    ("WA RCW 9A.36.021", "WA RCW 9a.36.021"),
    ("8 USC 1326", "8 USC 1326"),
    ("8 U.S.C. § 1326(a)", "8 USC 1326(a)"),
    ("18 U.S.C. § 924(c)", "18 USC 924(c)"),
]

REFUSED = [
    "",
    "   ",
    "burglary",
    "PC",
    "PC 211, PC 459",
    "PC 211 and PC 459",
    "PC 211; 459 PC",
    "category ZZ",
    "NCIC 22",
    "PC 211/245(a)(1)/459",
    "459-460-461 PC",
    "attempted PC 664",
    "x" * 100_000,
    "PC " + "1" * 40,
]


@pytest.mark.parametrize(("text", "canonical"), SPELLINGS)
def test_real_spellings(text: str, canonical: str) -> None:
    assert str(read_citation(text)) == canonical


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_cm502_with_help(text: str) -> None:
    with pytest.raises(ComityError) as caught:
        read_citation(text)
    (problem,) = caught.value.problems
    assert problem.code == "CM502"
    assert "PC 459" in problem.help
    assert len(problem.message) < 120


def test_an_attempt_alone_is_its_own_section() -> None:
    assert read_citation("PC 664") == OffenceCitation("PC", "664")


def test_parts_of_a_citation() -> None:
    c = read_citation("Penal Code §§ 664/459, 460(a)".replace(",", "/"))
    assert (c.attempt, c.conspiracy, c.section, c.with_section) == (True, False, "459", "460(a)")
    assert read_citation("PC 245(a)(1)").subdivisions == ("a", "1")
    assert read_citation("NY PL 140.30").jurisdiction == "us/ny"
    assert read_citation("8 USC 1326").jurisdiction == "us"
    assert read_citation("459").code == ""


_pieces = st.sampled_from(
    ["PC", "pc ", "HSC", "h&s ", "VC ", "459", "288a", "(a)", "(1)", "/", "664", "182", "-", " ", "§", ".", "first",
     "2C:", "NJ ", "TX ", "8 USC ", "NCIC ", "category ", "11350a", "23152", "attempted ", "\u2013", "\u00a0", ",", "F"]
)  # fmt: skip


def _check(text: str) -> None:
    try:
        citation = read_citation(text)
    except ComityError as error:
        codes = [p.code for p in error.problems]
    else:
        codes = ["CM502"]
        assert read_citation(str(citation)) == citation, (text, str(citation))
    assert codes == ["CM502"]


@settings(max_examples=600, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    _check(text)


@settings(max_examples=1500, deadline=None)
@given(st.lists(_pieces, max_size=9).map("".join))
def test_pieces_of_citations_are_read_or_refused_and_canonical_forms_reread(text: str) -> None:
    _check(text)
