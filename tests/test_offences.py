"""The offence table: inheritance, dated rows, attempts, the list of Gov. Code § 7282.5(a)(3), other places."""

from __future__ import annotations

import csv
import datetime
import itertools
from pathlib import Path

import pytest

from comity.offences import Offence, OffenceTable
from comity.problems import ComityError

DAY = datetime.timedelta(days=1)
NOW = datetime.date(2026, 5, 1)
TABLE = OffenceTable.load()


def find(cited: str, on: datetime.date | None = NOW, degree: str | None = None) -> Offence:
    return TABLE.find(cited, on=on, degree=degree)


def problem_of(cited: str, on: datetime.date | None = NOW) -> tuple[str, str, str]:
    with pytest.raises(ComityError) as caught:
        find(cited, on)
    (problem,) = caught.value.problems
    return problem.code, problem.message, problem.help


# --- the list --------------------------------------------------------------------------------------------------------

#: Gov. Code § 7282.5(a)(3), Penal Code sections unless marked; (G), (L), (M), (R), (S) name no sections.
LISTED = {
    "A": "217.1 220 240 241.1 241.4 241.7 244 244.5 245 245.2 245.3 245.5 4500 4501",
    "B": "242 243.1 243.3 243.4 243.6 243.7 243.9 273.5 347 4501.1 4501.5",
    "C": "71 76 139 140 422 601 11418.5",
    "D": "266 266a 266b 266c 266d 266f 266g 266h 266i 266j 267 269 288 288.5 311.1 311.3 311.4 311.10 311.11 647.6",
    "E": "270 271 271a 273a 273ab 273d 273.4 278",
    "F": "211 215 459 463 470 476 487 496 503 518 530.5 532 550",
    "H": "69 95 95.1 136.1 148.10",
    "I": "67 67.5 68 74 85 86 92 93 137 138 165",
    "J": "107 109 110 4530 4530.5 4532 4533 4534 4535 4536",
    "K": "171b 171c 171d 246 246.3 247 417 417.3 417.6 417.8 4574 11418 11418.1 12021.5 12022 12022.2 12022.3 12022.4 "
    "12022.5 12022.53 12022.55 18745 18750 18755 26100(c) 26100(d)",
    "N": "594.7",
    "O": "186.22 186.26 186.28",
    "P": "664 182",
    "Q": "245.6(d) 187 191.5 192 192.5 12022.7 12022.8 12022.9",
    "T": "181 210.5 236 236.1 4503",
    "U": "186.2 186.9 186.10",
    "V": "203",
    "W": "219 219.1 219.2 247.5 404 404.6 405a 451 11413",
    "X": "368",
    "Y": "422.55",
    "Z": "646.9",
    "AA": "286(c) 653j 653.23",
    "AB": "12022.1",
    "AC": "261(a)(2) 261(a)(6) 262(a)(1) 262(a)(4) 264.1 286(c) 286(d) 288a(c) 288a(d) 287(c) 287(d) 289(a) 289(j)",
    "AD": "207 209 209.5",
}


@pytest.mark.parametrize(("letter", "section"), [(k, s) for k, v in LISTED.items() for s in v.split()])
def test_every_listed_section_is_in_its_category(letter: str, section: str) -> None:
    offence = find(f"PC {section}")
    assert letter in offence.categories
    assert offence.category_certain is True


def test_the_letters_without_sections() -> None:
    assert "AE" in find("VC 20001(c)").categories
    for section in ("HSC 11351", "HSC 11352", "HSC 11378", "HSC 11379.6"):
        assert (find(section).categories, find(section).felony_only_category) == (("M",), True)
    for section in ("VC 23153", "VC 23152(a)/23550.5"):
        assert (find(section).categories, find(section).felony_only_category) == (("G",), True)
    assert "L" in find("PC 21310").categories
    assert "R" in find("HSC 11370.1").categories
    assert not find("HSC 11370.1").felony_only_category
    assert "S" in find("PC 243.4(a)").categories
    everything = {c for r in TABLE.sections() for c in r.categories.split(";") if c}
    assert everything == {chr(c) for c in range(ord("A"), ord("Z") + 1)} | {"AA", "AB", "AC", "AD", "AE"}


def test_by_nature_is_never_certain() -> None:
    for section in ("PC 32", "PC 29800(a)(1)", "VC 10851", "PC 666.1", "PC 484"):
        assert find(section).category_certain is False, section
    nothing = find("PC 148(a)(1)")
    assert (nothing.categories, nothing.category_certain) == ((), True)


# --- inheritance and bare sections -----------------------------------------------------------------------------------


def test_a_subdivision_inherits_from_its_section_unless_it_has_a_row() -> None:
    assert find("PC 187(a)").serious is True
    assert find("PC 187(a)").citation == "PC 187(a)"
    assert find("PC 211").state_prison is True
    assert find("HSC 11378(b)(1)").categories == ("M",)
    assert find("PC 273a(a)").wobbler is True
    assert find("PC 273a(b)").grades == {"misdemeanor"}


def test_a_bare_section_with_differing_forms_is_not_guessed() -> None:
    battery = find("PC 243")
    assert battery.grades == {"felony", "misdemeanor"}
    assert battery.wobbler is None
    assert battery.serious is None
    assert battery.categories == ("B",)
    assert "243(d)" in battery.note
    lewd = find("PC 288")
    assert (lewd.categories, lewd.registration, lewd.violent) == (("D", "S"), True, None)


def test_the_grade_rules_out_forms_that_cannot_have_it() -> None:
    table = OffenceTable.load()
    day = datetime.date(2015, 2, 5)
    assert table.find("PC 245.6", grade="felony", on=day).categories == ("Q",)
    assert table.find("PC 646.9", grade="misdemeanor", on=day).wobbler is True
    assert table.find("PC 243", grade="felony", on=day).grades >= {"felony"}
    assert table.find("PC 211", grade="misdemeanor", on=day).grades == {"felony"}  # nothing fits: nothing is ruled out


def test_what_the_table_does_not_know_is_never_said_to_be_in_no_category() -> None:
    for text in ("NV NRS 205.240", "NCIC 1315", "NY PL 120.00"):
        offence = OffenceTable.load().find(text)
        assert offence.categories == ()
        assert offence.category_certain is None


def test_proposition_47_reaches_california_offences_only() -> None:
    for text in ("8 USC 1326", "TX PC 19.03", "NV NRS 205.240"):
        assert OffenceTable.load().find(text).prop47 is False
    assert OffenceTable.load().find("NCIC 2202").prop47 is None  # a class of crime does not say whose law was broken


def test_degree_settles_burglary() -> None:
    first, second, bare = find("459 PC", degree="first"), find("PC 459 2nd degree"), find("PC 459")
    assert (first.citation, first.serious, first.violent, first.state_prison) == ("PC 460(a)", True, None, True)
    assert first.grades == {"felony"}
    assert (second.citation, second.serious, second.wobbler, second.prop47) == ("PC 460(b)", False, True, False)
    assert (
        find("PC 460(b)", on=datetime.date(2010, 5, 4)).prop47 is None
    )  # redesignated or not: a question of the record
    assert second.state_prison is False
    assert (bare.citation, bare.serious, bare.state_prison, bare.categories) == ("PC 459", None, None, ("F",))
    assert find("459/460(a)").citation == find("PC 459 1st").citation == "PC 460(a)"
    assert find("PC 211", degree="first").citation == "PC 211"


def test_driving_under_the_influence() -> None:
    assert find("VC 23152 first").grades == {"misdemeanor"}
    assert find("VC 23152(a)/23550").state_prison is False
    assert find("23550.5 VC").state_prison is True
    bare = find("23152(A) VC")
    assert (bare.citation, bare.wobbler, bare.state_prison, bare.categories) == ("VC 23152(a)", None, None, ("G",))


def test_a_subdivision_without_a_row_knows_only_what_the_section_shares() -> None:
    odd = find("PC 288(d)")
    assert (odd.categories, odd.serious, odd.grades) == (("D", "S"), None, frozenset())
    assert "no row of its own" in odd.note


def test_conditional_law_is_unknown() -> None:
    for section in ("PC 243(d)", "PC 417.8", "HSC 11353", "PC 518", "PC 245.3"):
        assert find(section).serious is None, section
    for section in ("PC 460(a)", "PC 245(a)(2)", "PC 136.1(c)(1)", "PC 261(a)(3)"):
        assert find(section).violent is None, section
    force = find("PC 245(a)(4)")
    assert (force.serious, force.weapon_or_injury_matters, force.state_prison) == (False, True, True)


# --- dates -----------------------------------------------------------------------------------------------------------

_PROP47 = datetime.date(2014, 11, 5)


@pytest.mark.parametrize(
    ("section", "change", "field", "before", "after"),
    [
        ("HSC 11350(a)", _PROP47, "grades", {"felony"}, {"misdemeanor"}),
        ("HSC 11350(a)", _PROP47, "prop47", None, True),
        ("HSC 11377(a)", _PROP47, "wobbler", True, False),
        ("HSC 11357(a)", _PROP47, "wobbler", True, False),
        ("HSC 11357(a)", datetime.date(2016, 11, 9), "grades", {"misdemeanor"}, {"infraction"}),
        ("HSC 11359", datetime.date(2016, 11, 9), "wobbler", False, None),
        ("HSC 11358", datetime.date(2016, 11, 9), "grades", {"felony"}, {"felony", "misdemeanor"}),
        ("HSC 11378", datetime.date(2011, 10, 1), "state_prison", None, False),
        ("HSC 11378", datetime.date(2011, 10, 1), "realignment_question", True, False),
        ("PC 245(a)(1)", datetime.date(2012, 1, 1), "serious", None, True),
        ("PC 236.1(c)(1)", datetime.date(2024, 1, 1), "serious", False, None),
        ("PC 261(a)(3)", datetime.date(2025, 1, 1), "violent", False, None),
        ("PC 422.6", datetime.date(2025, 1, 1), "wobbler", False, True),
        ("PC 182/211", datetime.date(2000, 3, 8), "serious", False, True),
        ("PC 487(d)(2)", _PROP47, "serious", True, None),
        ("PC 487(d)(2)", datetime.date(2016, 11, 9), "serious", None, True),
    ],
)
def test_dated_rows(section: str, change: datetime.date, field: str, before: object, after: object) -> None:
    assert getattr(find(section, change - DAY), field) == before
    assert getattr(find(section, change), field) == after
    assert getattr(find(section, change + DAY), field) == after


def test_without_a_date_whatever_changed_is_unknown() -> None:
    assert find("PC 236.1(c)(1)", None).serious is None
    assert find("HSC 11350(a)", None).prop47 is None
    drugs = find("HSC 11378", None)
    assert (drugs.state_prison, drugs.realignment_question) == (None, False)
    assert find("PC 211", None) == find("PC 211")


@pytest.mark.parametrize(
    ("section", "born"),
    [
        ("PC 459.5", _PROP47),
        ("PC 490.2", _PROP47),
        ("PC 473(b)", _PROP47),
        ("PC 666.1", datetime.date(2024, 12, 18)),
        ("HSC 11395", datetime.date(2024, 12, 18)),
    ],
)
def test_a_section_is_refused_before_it_was_law(section: str, born: datetime.date) -> None:
    assert find(section, born).citation == section
    code, message, help = problem_of(section, born - DAY)
    assert code == "CM501"
    assert message == f"{section} was not yet law on {(born - DAY).isoformat()}"
    assert born.isoformat() in help


def test_former_numbers() -> None:
    assert find("288A(C)(1) PC").citation == "PC 287(c)(1)"
    assert find("PC 288a(c)").citation == "PC 287(c)"
    assert find("PC 12021(a)(1)").citation == "PC 29800(a)(1)"
    assert find("PC 12025").citation == "PC 25400"
    assert find("PC 12031(a)(1)").citation == "PC 25850(a)(1)"
    assert find("PC 12020(a)(4)").citation == "PC 21310"
    assert find("PC 422(a)").citation == "PC 422"
    # Repealed by AB 1171, but a later conviction can be for an earlier act.
    for day in (datetime.date(2021, 12, 31), datetime.date(2022, 1, 1)):
        assert find("PC 262(a)(1)", day).violent is True


def test_before_realignment_the_question_is_for_counsel_only_where_it_arises() -> None:
    old = datetime.date(2010, 3, 2)
    assert find("PC 460(b)", old).realignment_question
    assert not find("PC 460(a)", old).realignment_question
    assert find("PC 460(a)", old).state_prison is True
    assert find("PC 148(a)(1)", old).state_prison is False


# --- attempts and conspiracies ---------------------------------------------------------------------------------------


def test_attempts() -> None:
    robbery = find("664/211 PC")
    assert (robbery.citation, robbery.serious, robbery.violent) == ("PC 664/211", True, False)
    assert robbery.categories == ("F", "P")
    murder = find("PC 664/187(a)")
    assert (murder.serious, murder.violent, murder.violent_item) == (True, True, "12")
    assault = find("664/245(a)(1)")
    assert (assault.serious, assault.categories) == (False, ("A", "P"))
    assert find("664/459 first").serious is True
    assert find("664/148(a)(1)").categories == ()
    assert find("664/187").note.startswith("Of PC 187 itself: ")


def test_conspiracies() -> None:
    robbery = find("182/211 PC")
    assert (robbery.serious, robbery.serious_item, robbery.violent) == (True, "43", False)
    assert robbery.categories == ("F", "P")
    assert find("PC 182/187").violent is True
    petty = find("PC 182/484")
    assert petty.grades == {"felony", "misdemeanor"}
    assert find("PC 182").serious is None


# --- what cannot be found --------------------------------------------------------------------------------------------


def test_refusals_name_what_exists() -> None:
    code, message, help = problem_of("PC 459.9")
    assert (code, message) == ("CM501", "PC 459.9 is not in the offence table")
    assert "PC 459.5" in help
    code, message, help = problem_of("23152(a)")
    assert (code, message) == ("CM503", '"23152(a)" does not say which code')
    assert help == "write VC 23152(a)"
    assert find("459").citation == "PC 459"
    assert problem_of("31")[0] == "CM503"
    assert problem_of("PC 211/12022.53")[0] == "CM503"
    assert problem_of("nonsense")[0] == "CM502"
    assert problem_of("99999")[0] == "CM501"


def test_ncic_codes_and_categories() -> None:
    ncic = find("NCIC 2202")
    assert (ncic.serious, ncic.wobbler, ncic.state_prison, ncic.category_certain) == (None, None, None, None)
    assert "burglary" in ncic.name
    assert ncic.grades == frozenset()
    category = find("category G")
    assert (category.categories, category.felony_only_category, category.serious) == (("G",), True, None)


# --- other places ----------------------------------------------------------------------------------------------------


def test_travis_county_named_four() -> None:
    assert find("TX PC 19.02").travis_2017 is None
    assert find("TX PC 19.02", degree="second").travis_2017 is False
    for section in ("19.02", "19.03", "22.021", "20.06"):
        # Only first-degree murder was named; 19.02 without a degree is a question.
        texan = find(f"TX PC {section}", degree="first")
        assert (texan.travis_2017, texan.jurisdiction, texan.serious) == (True, "us/tx", None), section
    for section in ("TX HSC 481.115", "TX PC 49.04", "TX PC 30.02", "TX PC 22.01", "TX PC 20.05"):
        assert find(section).travis_2017 is False
    assert find("TX PC 71.02").travis_2017 is None


def test_new_york_city_list() -> None:
    assert find("NY PL 140.30").nyc_listed is True
    assert find("NY PL 140.20").nyc_listed is False
    assert find("NY PL 265.02(1)").nyc_listed is False
    assert find("NY PL 265.02(3)").nyc_listed is True
    assert find("NY PL 265.02").nyc_listed is None
    assert find("NY PL 120.04-a(4)").nyc_listed is True


def test_new_jersey_degrees() -> None:
    assert find("2C:11-3").nj_violent_or_serious is True
    assert find("2C:20-3", degree="second").nj_violent_or_serious is True
    assert find("2C:20-3", degree="third").nj_violent_or_serious is False
    assert find("2C:20-3").nj_indictable is None
    assert find("2C:12-1(a)").nj_indictable is False
    assert find("2C:12-1b", degree="third").nj_violent_or_serious is None


def test_federal_offences() -> None:
    assert find("18 USC 1591").aggravated_felony is True
    assert find("8 USC 1326(a)").aggravated_felony is None
    assert find("8 USC 1326(a)").aggravated_felony_paragraph == "O"
    obstruction = find("18 USC 1503")
    assert (obstruction.aggravated_felony, obstruction.aggravated_felony_a_to_p) == (None, False)
    assert find("18 USC 922(g)(5)").aggravated_felony_a_to_p is True
    assert find("WA RCW 9A.36.021").jurisdiction == "us/wa"


# --- the table itself ------------------------------------------------------------------------------------------------

#: Not in the state's 2021 table of chargeable offences, and why that is right.
NOT_CHARGED = {
    "PC 186.2": "definition", "PC 186.9": "definition", "PC 422.55": "definition", "PC 16590": "definition",
    "PC 664": "charged with its object", "PC 4530.5": "named by the list, but no such section stands in the code",
    "PC 186.11": "enhancement", "PC 273.4": "enhancement", "PC 368(b)(2)": "enhancement",
    "PC 368(b)(3)": "enhancement", "PC 422.75": "enhancement", "PC 12021.5": "enhancement",
    "PC 12022(a)": "enhancement", "PC 12022(b)": "enhancement", "PC 12022(c)": "enhancement",
    "PC 12022(d)": "enhancement", "PC 12022.1": "enhancement", "PC 12022.2": "enhancement",
    "PC 12022.3": "enhancement", "PC 12022.4": "enhancement", "PC 12022.5": "enhancement",
    "PC 12022.53": "enhancement", "PC 12022.55": "enhancement", "PC 12022.7": "enhancement",
    "PC 12022.8": "enhancement", "PC 12022.9": "enhancement", "VC 20001(c)": "enhancement",
    "HSC 11353.6": "enhancement", "HSC 11370.4": "enhancement",
    "PC 465": "law since 2025-01-01", "PC 666.1": "law since 2024-12-18", "HSC 11395": "law since 2024-12-18",
}  # fmt: skip


def test_sections_exist_in_the_state_table_of_offences() -> None:
    path = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "california-doj-offence-codes.csv"
    if not path.is_file():
        pytest.skip(f"NOT CHECKED: the state's offence table is not at {path}")
    known: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            known.setdefault(line["code_type"], set()).add(line["statute"].lower())
    kinds = {"PC": "PC", "HSC": "HS", "VC": "VC"}
    missing = set()
    for row in TABLE.sections():
        statutes = known.get(kinds.get(row.code, ""), set())
        own = row.section
        found = any(s == own or s.startswith(own + "(") or own.startswith(s + "(") for s in statutes)
        if row.code in kinds and not found:
            missing.add(f"{row.code} {own}")
    assert missing == set(NOT_CHARGED)


def test_every_row_is_found_under_its_own_citation() -> None:
    for row in TABLE.sections():
        day = datetime.date.fromisoformat(row.from_) if row.from_ else datetime.date(1990, 1, 1)
        offence = TABLE.find(row.citation, on=day)
        assert offence.citation == row.citation
        assert offence.name
        assert row.checked


def test_rows_are_well_formed_and_versions_do_not_overlap() -> None:
    spans: dict[str, list[tuple[str, str]]] = {}
    for row in TABLE.sections():
        assert {row.serious, row.violent, row.prop47, row.registration} <= {"yes", "no", "depends"}, row
        assert bool(row.categories) == (row.category_by in ("listed", "interpretation")), row
        spans.setdefault(row.citation, []).append((row.from_, row.until or "9999"))
        if row.grade in ("misdemeanor", "infraction", "wobblette"):
            assert (row.serious, row.violent, row.prison) == ("no", "no", "no"), row
        if "depends" in (row.serious, row.violent, row.prison):
            assert row.note, row
    for citation, versions in spans.items():
        ordered = sorted(versions)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(ordered)), citation
