"""``comity prove`` and ``comity diff``: what a person reads, and that it is true."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import comity
from comity.api import PACKAGED
from comity.problems import ComityError
from tests.test_cli import LAPD, LASD, TINY, bad, run

pytest.importorskip("z3")

from comity.language.read import library_files, read_library
from comity.prove.bound import Bound
from comity.prove.search import Nothing
from comity.proving.parties import revision_files
from comity.proving.proofs import proofs

TOWN = "us/xx/town:police"
PEOPLE = """
```facts person
convictions : list of conviction
```
```facts conviction
grade : one of felony, misdemeanor
date : date
```
```norm § 2
agency may hold past release
    when any conviction where grade is felony and date is within 5 years before law date
    in force from 2015-01-01
```
```check
a felony of last year
    agency us/xx/town:police
    given request kinds includes hold
    given one conviction: grade is felony, date is 2014-06-01
    on 2015-01-01
    then may hold past release because § 2
```
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = tmp_path / "law"
    folder.mkdir()
    (folder / "act.md").write_text(TINY + PEOPLE, encoding="utf-8")
    return folder


def claim(folder: Path, *texts: str, agency: str = TOWN, code: int = 0) -> str:
    words = [w for text in texts for w in ("--claim", text)]
    done = run("prove", folder, "--agency", agency, *words)
    assert done.code == code, done.out + done.err
    return done.out


# prove


def test_a_claim_is_proved_for_every_case(tiny: Path) -> None:
    told = claim(tiny, "whenever judge signed in force from 2000-01-01 then always may hold past release")
    assert told.startswith("✔ claim 1\n    always may hold past release: us/xx/town:police, from 2000-01-01\n")
    assert "2 laws looked at, whatever the lists hold" in told
    assert "Assumed: entries dated after the law date, and vacated ones, do not count;" in told
    assert "1 claim: 1 proved, in " in told
    assert "not legal advice" in told


def test_rows_that_were_needed_are_told(tiny: Path) -> None:
    told = claim(
        tiny,
        "whenever not judge signed and every conviction where date is before 2009-01-01 "
        "in force from 2015-01-01 then always must not hold past release",
    )
    assert "1 law looked at, for any number of convictions (2 rows suffice)" in " ".join(told.split())


def test_a_broken_claim_is_a_story_with_its_day(tiny: Path) -> None:
    told = claim(tiny, "whenever not judge signed then always must not hold past release", code=1)
    assert "✘ claim 1" in told
    assert "      police of us/xx/town, 1 January 2015.\n      Known: not judge signed.\n" in told
    assert "One conviction: 20" in told
    assert "The law says: hold past release: may, by Town Code § 2." in told
    assert "Confirmed by the one-case engine and the columnar engine." in told


def test_a_counter_example_is_saved_as_case_and_as_example(tiny: Path, tmp_path: Path) -> None:
    place = tmp_path / "found"
    text = "whenever not judge signed then always must not hold past release"
    done = run("prove", tiny, "--agency", TOWN, "--claim", text, "--save", place)
    assert done.code == 1
    assert "1 counter-example written to" in done.out
    decided = run("decide", place / "counter-example-1.yaml", "--law", tiny, "--all", "--json")
    assert json.loads(decided.out)["actions"]["hold_past_release"]["outcome"] == "may"
    # The example holds today, so it stands in the law as it is.
    (tiny / "found.md").write_text(
        "---\ntitle: Found\n---\n\n" + (place / "examples.md").read_text("utf-8"), encoding="utf-8"
    )
    checked = run("check", tiny, "--json")
    assert json.loads(checked.out)["failures"] == []
    assert json.loads(checked.out)["examples"] == 4


def test_a_second_opinion_tries_every_case(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("prove", tiny, "--agency", TOWN, "--twice", "--claim")
    text = "whenever judge signed in force from 2000-01-01 until 2015-01-01 then always may hold past release"
    told = run(*words, text)
    assert "second opinion: 2 cases of 1 of 1 law tried one by one" in told.out
    # A prover that overlooks a case is found out.
    monkeypatch.setattr("comity.prove.claims.search", lambda *_: Nothing(Bound()))
    monkeypatch.setattr("comity.prove.claims.Prover.is_about_nothing", lambda *_: False)
    wrong = run(*words, "in force from 2000-01-01 until 2015-01-01 then always may hold past release")
    assert wrong.code == 3
    assert "? claim 1" in wrong.out
    assert "trying each of them did: please report it" in " ".join(wrong.out.split())


def test_claims_as_data(tiny: Path) -> None:
    done = run(
        "prove", tiny, "--agency", TOWN, "--json",
        "--claim", "whenever judge signed in force from 2000-01-01 then always may hold past release",
        "--claim", "then never may hold past release",
    )  # fmt: skip
    assert done.code == 1
    data: Any = done.json()
    assert data["proved"] is False
    assert [c["status"] for c in data["claims"]] == ["proved", "broken"]
    assert data["claims"][0]["bound"] == "whatever the lists hold"
    shown = data["claims"][1]["counter_example"]
    assert shown["outcome"] == "may"
    assert shown["confirmed"] == ["the one-case engine", "the columnar engine"]
    assert data["library"]["sha256"]


def test_a_claim_that_cannot_be_asked(tiny: Path) -> None:
    assert "--claim needs to know whose law it is about" in bad(run("prove", tiny, "--claim", "then x"), "CM781")
    assert "no claim has 'hodl' in its title" in bad(run("prove", tiny, "--only", "hodl"), "CM781")
    done = run("prove", tiny, "--agency", TOWN, "--claim", "whenever juge signed then never may hold past release")
    assert done.code == 2
    assert "no fact is called 'juge signed'" in done.err
    assert "did you mean 'judge signed'?" in done.err
    assert done.out == ""
    for text in ("", "then", "whenever then never", "then never must fly", "then nothing changes", "in force from"):
        done = run("prove", tiny, "--agency", TOWN, "--claim", text)
        assert done.code == 2, text
        assert "nothing was proved" in done.err
    done = run("prove", tiny, "--agency", "us/xx/town:polise", "--claim", "then never may hold past release")
    assert "CM208" in done.err
    assert "--agency is for --claim" in bad(run("prove", tiny, "--agency", TOWN), "CM781")
    assert "is no number of seconds" in bad(run("prove", tiny, "--seconds", "nan"))
    odd = run("prove", tiny, "--agency", TOWN, "--claim", "then never may hold past release \udcff")
    assert "is not readable text" in bad(odd, "CM781")
    (tiny / "file").write_text("")
    refused = run(
        "prove", tiny, "--agency", TOWN, "--claim", "then never may hold past release", "--save", tiny / "file"
    )
    assert "CM781" in refused.err


def test_a_claim_left_undecided_is_no_proof(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import z3

    monkeypatch.setattr(z3.Solver, "check", lambda self, *more: z3.unknown)
    monkeypatch.setattr(z3.Solver, "reason_unknown", lambda self: "timeout")
    done = run("prove", tiny, "--agency", TOWN, "--claim", "then never must hold past release")
    assert done.code == 3
    assert "? claim 1" in done.out
    assert "the solver gave up (timeout) on 'hold past release'" in done.out
    assert "1 undecided" in done.out


# diff


def test_one_law_on_two_days_is_the_same_word_for_word(tiny: Path) -> None:
    done = run("diff", TOWN, tiny, "2016-01-01", "2016-06-01")
    assert done.code == 0, done.err
    assert "✔ Nothing differs. All 1 actions: the same law, word for word." in done.out
    assert "Proved whatever the lists hold." in done.out


def test_a_new_rule_shows_the_smallest_case(tiny: Path) -> None:
    done = run("diff", TOWN, tiny, "--at", "2014-12-31", "--at", "2015-01-01", "--exit-code")
    assert done.code == 1
    told = done.out
    assert "police of us/xx/town · 2014-12-31 → 2015-01-01" in told
    assert "must not → may  looser" in told
    assert "such as: not judge signed; One conviction: 20" in told
    assert "after: Town Code § 2" in told


def test_a_comparison_as_data_and_as_memo(tiny: Path) -> None:
    words = ("diff", TOWN, tiny, "2014-12-31", "2015-01-01")
    data: Any = run(*words, "--json").json()
    assert next(iter(data)) == "identical"
    assert data["identical"] is False
    (kind,) = data["actions"][0]["kinds"]
    assert (kind["from"], kind["to"], kind["direction"]) == ("must not", "may", "looser")
    library = comity.load(tiny, cache=False)
    for side, word in (("one", "must not"), ("other", "may")):
        answer = library.decide(library.read_case(kind["case"][side]))
        assert answer.action("hold_past_release").outcome == word
    memo = run(*words, "--memo").out
    assert memo.startswith("# What changes on 1 January 2015\n")
    assert "| hold past release | must not | may | looser | Town Code § 2 |" in memo
    assert "**must not → may** (looser). The smallest case: not judge signed. One conviction: " in memo
    assert memo.endswith("Not legal advice.\n")


def test_other_words_and_the_same_outcome_are_proved(tiny: Path, tmp_path: Path) -> None:
    other = tmp_path / "draft"
    shutil.copytree(tiny, other)
    text = (other / "act.md").read_text("utf-8")
    draft = text.replace(
        "    when judge signed\n", "    when judge signed or (judge signed and request kinds includes hold)\n"
    )
    assert draft != text
    (other / "act.md").write_text(draft, encoding="utf-8")
    done = run("diff", TOWN, tiny, other, "--at", "2016-01-01")
    assert "0 actions: the same law, word for word; 1: other words" in " ".join(done.out.split())
    data: Any = run("diff", TOWN, tiny, other, "--at", "2016-01-01", "--json").json()
    assert data["identical"] is True
    assert data["actions"][0]["how"] == "proved"


def test_a_revision_in_git_beside_the_folder(tiny: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(tiny.parent), *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "law")
    assert revision_files(tiny, "HEAD") == {"act.md": (tiny / "act.md").read_bytes()}
    text = (tiny / "act.md").read_text("utf-8")
    (tiny / "act.md").write_text(text.replace("within 5 years", "within 10 years"), encoding="utf-8")
    done = run("diff", TOWN, f"git:HEAD:{tiny}", tiny, "--at", "2016-01-01")
    assert done.code == 0, done.err
    assert "must not → may  looser" in done.out
    assert "revision 'nothing' of 'law' cannot be read" in bad(run("diff", TOWN, f"git:nothing:{tiny}", tiny), "CM781")
    with pytest.raises(ComityError):
        revision_files(tiny.parent.parent, "HEAD")


def test_a_revision_is_never_read_as_an_option(tiny: Path) -> None:
    subprocess.run(["git", "-C", str(tiny.parent), "init", "-q"], check=True)
    kept = tiny.parent / "kept.txt"
    kept.write_text("precious")
    refused = run("diff", TOWN, f"git:--output={kept}", tiny)
    assert "cannot be read" in bad(refused, "CM781")
    assert kept.read_text() == "precious"


def test_sides_that_cannot_be_compared(tiny: Path) -> None:
    assert "nobody says whose law is compared" in bad(run("diff", "2016-01-01", "2016-01-02"), "CM781")
    assert "both sides are the same" in bad(run("diff", LAPD, "--at", "2016-01-01"), "CM781")
    assert "is not a day of the calendar" in bad(run("diff", LAPD, "2016-02-30", "2016-01-02"), "CM781")
    assert "there are 3 of 'day'" in bad(run("diff", LAPD, "2016-01-01", "2016-01-02", "2016-01-03"), "CM781")
    assert "is no agency, day, folder or revision" in bad(run("diff", LAPD, "some/where"), "CM781")
    assert "no agency is called 'lpd'" in bad(run("diff", "lpd", "2016-01-01", "2016-01-02"), "CM404")
    assert "no action is called 'fly'" in bad(run("diff", LAPD, "2016-01-01", "2016-01-02", "--action", "fly"), "CM781")
    assert "--map is for --cases" in bad(run("diff", LAPD, "2016-01-01", "2016-01-02", "--map", "x"), "CM781")


def test_a_word_of_two_types_is_no_comparison(tiny: Path, tmp_path: Path) -> None:
    other = tmp_path / "draft"
    shutil.copytree(tiny, other)
    text = (other / "act.md").read_text("utf-8").replace("judge signed : yes/no", "judge signed : one of yes, no")
    text = text.replace("not judge signed", "judge signed is no").replace(", judge signed\n", ", judge signed is yes\n")
    text = text.replace("when judge signed", "when judge signed is yes")
    (other / "act.md").write_text(text, encoding="utf-8")
    refused = bad(run("diff", TOWN, tiny, other, "--at", "2016-01-01"), "CM781")
    assert "'judge signed' is yes/no on one side and one of yes, no on the other" in refused


def test_recorded_cases_are_counted(tmp_path: Path) -> None:
    records = tmp_path / "jail.csv"
    assert run("sample", "--rows", "600", "--like", "jail", "--out", records).code == 0
    words = ("--cases", records, "--map", "sample-jail", "--action", "hold_past_release")
    done = run("diff", LASD, "2017-12-31", "2018-01-01", *words, "--json")
    data: Any = done.json()
    assert data["recorded_cases"] > 100
    (action,) = data["actions"]
    assert sum(r["cases"] for r in action["recorded"]) == data["recorded_cases"]
    changed = sum(r["cases"] for r in action["recorded"] if r["from"] != r["to"])
    shown = run("diff", LASD, "2017-12-31", "2018-01-01", *words)
    assert f"hold past release  {changed} of {data['recorded_cases']} recorded cases" in shown.out


def test_equal_silence_is_not_told_as_equal_law() -> None:
    done = run("diff", LAPD, "1890-01-01", "1891-01-01")
    assert f"Beware: the library does not claim to hold the law of {LAPD} on 1890-01-01." in " ".join(done.out.split())
    data: Any = run("diff", LAPD, "1890-01-01", "2016-01-01", "--action", "stop_for_status", "--json").json()
    assert (data["one"]["law_held"], data["other"]["law_held"]) == (False, True)


# The packaged law


def test_the_same_lapd_in_the_week_of_the_election() -> None:
    done = run("diff", LAPD, "--at", "2016-11-07", "--at", "2016-11-15")
    assert "✔ Nothing differs. All 50 actions: the same law, word for word." in done.out
    assert "Proved whatever the lists hold." in done.out
    data: Any = run("diff", LAPD, "--at", "2016-11-07", "--at", "2016-11-15", "--json").json()
    assert data["identical"] is True
    assert all(a["how"] == "word for word" for a in data["actions"])


@pytest.mark.slow
@pytest.mark.parametrize("days", [("2014-07-06", "2014-07-07"), ("2017-12-31", "2018-01-01")])
def test_every_example_of_a_difference_is_what_decide_says(days: tuple[str, str]) -> None:
    data: Any = run("diff", LAPD, *days, "--json").json()
    assert data["identical"] is False
    library = comity.load()
    told = 0
    for action in data["actions"]:
        assert "open" not in action or all("could not be confirmed" not in o for o in action["open"]), action["open"]
        for kind in action["kinds"]:
            if kind["looked_at"] is not None:
                continue  # what matters lies between the two days
            for side, word in (("one", kind["from"]), ("other", kind["to"])):
                answer = library.decide(library.read_case(kind["case"][side]))
                assert answer.action(action["action"].replace(" ", "_")).outcome == word
                told += 1
    assert told >= 12


@pytest.mark.slow
def test_every_claim_of_the_library_is_proved() -> None:
    library = read_library(library_files(PACKAGED))
    assert len(library.claims) >= 30
    assert {p.claim.title: p.status for p in proofs(library, library.claims, 60)} == {
        c.title: "proved" for c in library.claims
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "taken", "title", "story"),
    [
        (
            "us/ca/values-act.md",
            "    except when arrest under a judicial warrant\n```\n\n```norm § 7284.6(a)(1)(B) release",
            "two authorities never contradict each other with no rule between them",
            "hold past release",
        ),
        (
            "us/ca/los-angeles-county/sheriff-policy.md",
            "    except when judge signed\n    in force from 2019-02-15",
            "a federal judge's warrant opens the handover wherever no local law that is not held here closes it",
            "transfer custody: must not, by LASD policy list of 2019",
        ),
    ],
)
def test_an_exception_taken_away_makes_a_claim_red(
    page: str, taken: str, title: str, story: str, tmp_path: Path
) -> None:
    folder = tmp_path / "law"
    shutil.copytree(PACKAGED, folder)
    text = (folder / page).read_text("utf-8")
    assert taken in text
    rest = taken.split("\n", 1)[1]
    (folder / page).write_text(text.replace(taken, rest), encoding="utf-8")
    done = run("prove", folder, "--only", title)
    assert done.code == 1, done.out + done.err
    assert f"✘ {title}" in done.out
    assert story in " ".join(done.out.split())
    assert "Confirmed by the one-case engine and the columnar engine." in done.out
