"""The command line: every command and option, and bad input as one plain sentence with the documented exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

import comity
from comity.cli.exits import EXIT_CODES
from comity.cli.main import COMMANDS, cli, main

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LAPD = "us/ca/los-angeles/lapd"
LASD = "us/ca/los-angeles-county/sheriff"
TRAVIS = "us/tx/travis-county/sheriff"
BURGLARY = ROOT / "examples" / "lapd-2016" / "06-burglary-2016.yaml"

#: A library small enough to check in no time.
TINY = """---
instrument: us/xx/act
title: Town Act
cite as: Town Code
authority: state statute
binds: us/xx
in force: from 2000-01-01
checked: text read, 2026-11-23
---

# Words

```authorities
constitution: federal constitution
state: state statute
```
```kinds
police: local
```
```facts request
request kinds : some of hold
    ask What is asked for?
judge signed : yes/no
    ask Has a judge signed?
```
```actions
hold past release : no power - keep a person
    request hold
    meanwhile Release as usual.
```

# § 1 Holds

```norm § 1
agency may hold past release
    when judge signed
```
```check
a judge opens it
    agency us/xx/town:police
    given request kinds includes hold, judge signed
    on 2010-01-01
    then may hold past release because § 1
without a judge it stays shut
    agency us/xx/town:police
    given request kinds includes hold, not judge signed
    on 2010-01-01
    then must not hold past release
```
"""


def find_version() -> str:
    try:
        return version("comity")
    except PackageNotFoundError:
        return ""


class Run:
    """One finished call of the program."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")
        assert "Traceback" not in self.err, self.err
        assert self.code in EXIT_CODES, self.code

    def json(self) -> object:
        return json.loads(self.out)


def run(*words: object, stdin: str = "", env: dict[str, str | None] | None = None) -> Run:
    """``comity WORDS`` inside this process: what ``main`` prints, and how it ends."""
    variables = {"NO_COLOR": None, "CLICOLOR_FORCE": None, **(env or {})}
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, CliRunner().isolation(stdin, env=variables) as (out, err, _):
        patch.setattr(sys, "argv", ["comity", *(str(w) for w in words)])
        try:
            main()
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        assert isinstance(code, int)
        return Run(code, out.getvalue(), err.getvalue())


def process(*words: object, stdin: bytes = b"", env: dict[str, str] | None = None) -> Run:
    """The same as a process of its own, where that is the point."""
    variables = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1", **(env or {})}
    command = [sys.executable, "-m", "comity.cli", *(str(w) for w in words)]
    done = subprocess.run(command, input=stdin, capture_output=True, env=variables, timeout=60, check=False)
    return Run(done.returncode, done.stdout, done.stderr)


def bad(done: Run, code: str = "") -> str:
    """The sentence of a refusal: exit code 2, nothing on standard output, everything on standard error."""
    assert done.code == 2, done.out + done.err
    assert done.out == ""
    if code:
        assert f"[{code}]" in done.err, done.err
    return done.err


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = tmp_path / "law"
    folder.mkdir()
    (folder / "act.md").write_text(TINY, encoding="utf-8")
    return folder


# Every command and every option


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, f"{path} {name}")


@pytest.mark.parametrize(("path", "command"), [pytest.param(p, c, id=p) for p, c in commands(cli, "comity")])
def test_every_command_and_option_is_helped_and_on_the_page(path: str, command: click.Command) -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert re.search(rf"(?<![\w-]){re.escape(path)}(?![\w-])", page), f"docs/cli.md does not name {path}"
    section = page if path == "comity" else page.split(f"## {path}\n", 1)[-1].split("\n## ", 1)[0]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.opts}"
            for option in parameter.opts:
                assert option in section, f"docs/cli.md does not name {option} of {path}"
    assert command.help


def test_every_exit_code_is_on_the_page() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for code in EXIT_CODES:
        assert re.search(rf"^\| {code} \|", page, re.MULTILINE)


def test_help_lists_the_commands() -> None:
    done = run("--help")
    assert done.code == 0
    assert all(name in done.out for name in COMMANDS)
    assert run("decide", "-h").out.startswith("Usage:")


@pytest.mark.skipif(not find_version(), reason="run from a source folder")
def test_version() -> None:
    assert run("--version").out == f"comity {find_version()}\n"


def test_a_misspelt_command_option_or_date_is_refused() -> None:
    assert "did you mean 'decide'?" in bad(run("decid"))
    assert "--explian" in bad(run("decide", BURGLARY, "--explian"))
    assert "not a day of the calendar" in bad(run("decide", BURGLARY, "--at", "2016-02-30"))
    bad(run("decide"))
    bad(run())


# decide


def test_decide_answers_first() -> None:
    done = run("decide", BURGLARY)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("LAPD")
    assert lines[2].startswith("  ⬢ MUST NOT")
    assert "not legal advice" in done.out
    assert all(len(line) <= 80 for line in lines)


def test_decide_options() -> None:
    plain = run("decide", BURGLARY).out
    assert len(run("decide", BURGLARY, "--explain").out) > len(plain)
    assert "allow interview" in run("decide", BURGLARY, "--all").out
    assert "law of 1 Jun 2018" in run("decide", BURGLARY, "--at", "2018-06-01").out
    assert run("decide", BURGLARY, "--agency", LASD).out.startswith("LASD")
    assert "would be otherwise" in run("decide", BURGLARY, "--why-not", "hold").out
    warrant = run("decide", BURGLARY, "--what-if", "judge signed=yes", "--what-if", "request_form=none")
    assert warrant.code == 0
    assert warrant.out != plain


def test_decide_json_is_the_same_bytes_every_time() -> None:
    done = run("decide", BURGLARY, "--json")
    data = json.loads(done.out)
    assert data["actions"]["hold_past_release"]["outcome"] == "must not"
    for seed in ("1", "7"):
        assert done.out == process("decide", BURGLARY, "--json", env={"PYTHONHASHSEED": seed}).out


def test_decide_reads_json_and_standard_input() -> None:
    case = json.dumps({"agency": LAPD, "law date": "2016-11-14", "request": {"kinds": ["hold"], "judge signed": "no"}})
    assert "MUST NOT" in run("decide", "-", stdin=case).out


def test_decide_settled_says_so_by_exit_code() -> None:
    open_ = f"agency: {LAPD}\nlaw date: 2016-11-14\nrequest: {{kinds: [hold]}}\n"
    assert run("decide", "-", stdin=open_).code == 0
    assert run("decide", "-", "--settled", stdin=open_).code == 3
    assert run("decide", BURGLARY, "--settled").code == 0


@pytest.mark.parametrize(
    ("content", "code", "help_"),
    [
        (b"", "CM404", "add 'agency:"),
        (b"\xff\xfe\x00binary", "CM101", "UTF-8"),
        (bytes(range(256)) * 50, "CM101", "UTF-8"),
        (b"agency: a\nagency: b\n", "CM406", "keep one"),
        (b"agency: us/ca/los-angeles/lpad\n", "CM404", "did you mean 'us/ca/los-angeles/lapd'?"),
        (b"agensy: us/ca/los-angeles/lapd\n", "CM401", "did you mean 'agency'?"),
        (b"agency: us/ca/los-angeles/lapd\nrequest: {knds: [hold]}\n", "CM401", "did you mean"),
        (b"agency: us/ca/los-angeles/lapd\nrequest: {kinds: [hodl]}\n", "CM402", "did you mean 'hold'?"),
        (b"agency: us/ca/los-angeles/lapd\nlaw date: 2016-02-30\n", "CM405", "YYYY-MM-DD"),
        (b"agency: us/ca/los-angeles/lapd\nperson: {convictions: [{offence: PC 99999}]}\n", "CM501", "nearest"),
        (b"agency: us/ca/los-angeles/lapd\nperson: {convictions: [{offence: theft thing}]}\n", "CM502", "write code"),
        (b"agency: us/ca/los-angeles/lapd\nperson: [1]\n", "CM402", "key: value"),
        (b"agency: [us\n", "CM403", "indentation"),
        (b'{"agency": ', "CM403", ""),
        (b"- a\n- b\n", "CM402", ""),
        (b"just words", "CM402", ""),
        (b"[" * 5000, "CM403", ""),
    ],
)
def test_a_case_that_cannot_be_read(tmp_path: Path, content: bytes, code: str, help_: str) -> None:
    file = tmp_path / "case.yaml"
    file.write_bytes(content)
    assert help_ in bad(run("decide", file), code)
    if code not in ("CM101", "CM404"):
        bad(run("ask", "--resume", file), code)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert "no such file" in bad(run("decide", tmp_path / "none.yaml"), "CM112")
    assert "is a directory" in bad(run("decide", tmp_path), "CM112")
    bad(run("decide", BURGLARY, "--law", tmp_path / "none"), "CM112")
    bad(run("decide", BURGLARY, "--law", tmp_path), "CM104")


def test_aliases_that_would_explode_are_harmless(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(9)]
    file = tmp_path / "bomb.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    bad(run("decide", file), "CM401")


def test_decide_refuses_unknown_words_of_its_options() -> None:
    assert "did you mean" in bad(run("decide", BURGLARY, "--what-if", "judge singed=yes"), "CM401")
    assert "CM4" in bad(run("decide", BURGLARY, "--what-if", "judge signed=perhaps"))
    bad(run("decide", BURGLARY, "--what-if", "judge signed"), "CM401")
    assert "did you mean" in bad(run("decide", BURGLARY, "--why-not", "hodl past release"), "CM202")
    assert "did you mean" in bad(run("decide", BURGLARY, "--agency", "us/ca/los-angeles/lpad"), "CM404")


def on_a_terminal(**env: str) -> str:
    """What ``decide`` writes to a terminal."""
    ours, theirs = os.openpty()
    variables = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    variables |= {"PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1", "TERM": "xterm", **env}
    command = [sys.executable, "-m", "comity.cli", "decide", str(BURGLARY)]
    with subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL, env=variables):
        os.close(theirs)
        read = b""
        try:
            while part := os.read(ours, 65536):
                read += part
        except OSError:
            pass  # the other end is closed: how a terminal says that all is read
    os.close(ours)
    return read.decode().replace("\r\n", "\n")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_colour_only_where_it_is_wanted() -> None:
    assert "\x1b[" not in process("decide", BURGLARY).out
    coloured = on_a_terminal()
    assert "\x1b[" in coloured
    plain = on_a_terminal(NO_COLOR="1")
    assert "\x1b[" not in plain
    assert "\x1b[" not in on_a_terminal(TERM="dumb")
    # Nothing is said by colour alone.
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


# ask


def ask(*words: object, replies: list[str]) -> Run:
    return run("ask", *words, stdin="".join(f"{r}\n" for r in replies))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


ALL_OF_IT = ["los angeles", "2", "6/1/2018", "1, 2, 3", "n", "n", "n", "PC 459", "1", "3/2/2010", "1"]


def test_ask_from_the_first_question_to_the_answer() -> None:
    done = ask(replies=[*ALL_OF_IT, ""])
    assert done.code == 0, done.err
    assert "Which agency is it?" in done.out
    assert "Los Angeles County Sheriff's Department (us/ca/los-angeles-county/sheriff)" in done.out
    assert "2 March 2010 - 8 years 2 months before the law date" in done.out
    assert "What we can already say" in done.out
    assert "facts can still change the answer" in done.out
    assert "⬢ MUST NOT    hold past release" in done.out
    assert "◆ MAY         transfer custody" in done.out
    assert "not legal advice" in done.out


def test_ask_skips_what_options_say() -> None:
    done = ask("--agency", LAPD, "--at", "2016-11-14", replies=["hold", "no"])
    assert done.code == 0
    assert "Which agency" not in done.out
    assert "Question 3" not in done.out


def test_ask_explains_and_goes_back() -> None:
    done = ask("--agency", LAPD, "--at", "2016-11-14", replies=["b", "hold", "?", "yes", "b", "no"])
    assert "this is the first question" in done.out
    assert "why: a judge's warrant opens most doors" in done.out
    assert "who knows: the paper" in done.out
    assert done.out.count("Has a judge signed a warrant") == 2
    assert "MUST NOT    hold past release" in done.out


def test_ask_takes_cannot_tell_for_an_answer() -> None:
    done = ask("--agency", LASD, "--at", "2018-06-01", replies=["transfer", *["u"] * 60])
    assert done.code == 0, done.out
    assert "could not be told" in done.out
    assert "NEED A FACT transfer custody" in done.out


def test_ask_stays_with_a_question_until_the_answer_can_be_read() -> None:
    replies = ["nowhere", "u", LAPD, "30/30/2016", "soon", "2016-11-14", "", "hodl", "9 99", "1", "perhaps", "N"]
    done = ask(replies=replies)
    assert done.code == 0, done.out
    for said in ("no agency is called 'nowhere'", "without an agency", "'2016-30-30' is not a day"):
        assert said in done.out
    assert "did you mean 'hold'?" in done.out
    assert "'perhaps' is not yes, no or unknown" in done.out


def test_ask_saves_and_resumes_to_the_same_answer(here: Path) -> None:
    whole = ask("--agency", LASD, "--at", "2018-06-01", replies=ALL_OF_IT[3:])
    first = [*ALL_OF_IT[3:8], "s"]
    stopped = ask("--agency", LASD, "--at", "2018-06-01", "--save", "c.yaml", replies=first)
    assert stopped.code == 0
    assert "saved c.yaml" in stopped.out
    assert list(here.iterdir()) == [here / "c.yaml"]
    resumed = ask("--resume", "c.yaml", "--save", "d.yaml", replies=ALL_OF_IT[8:])
    answers = [r.out[r.out.index("LASD · hold") :] for r in (whole, resumed)]
    assert answers[0].split("Save this")[0] == answers[1].split("saved ")[0]
    decided = run("decide", "d.yaml").out
    assert decided[: decided.index("library")] in resumed.out
    assert "PC 459" in (here / "d.yaml").read_text(encoding="utf-8")
    assert (here / "d.yaml").stat().st_mode & 0o077 == 0


def test_ask_resumed_asks_skipped_questions_again_and_saves_in_place(here: Path) -> None:
    ask("--agency", LAPD, "--at", "2016-11-14", "--save", "c.yaml", replies=["hold", *["u"] * 60])
    os.chmod(here / "c.yaml", 0o640)
    done = ask("--resume", "c.yaml", replies=["no", "c.yaml"])
    assert "Has a judge signed a warrant" in done.out
    assert "judge signed: 'no'" in (here / "c.yaml").read_text(encoding="utf-8")
    assert (here / "c.yaml").stat().st_mode & 0o777 == 0o640


def test_ask_offers_to_save_and_replaces_nothing(here: Path) -> None:
    (here / "old.yaml").write_text("mine", encoding="utf-8")
    replies = ["hold", "no", "old.yaml", "no/where.yaml", ".", "new.yaml"]
    done = ask("--agency", LAPD, "--at", "2016-11-14", replies=replies)
    assert done.code == 0, done.err
    assert "exists already" in done.out
    assert "there is no folder" in done.out
    assert (here / "old.yaml").read_text(encoding="utf-8") == "mine"
    assert run("decide", here / "new.yaml").code == 0


def test_ask_save_stops_before_the_agency_with_nothing_to_save() -> None:
    done = ask(replies=["s", "q"])
    assert "nothing to save yet" in done.out
    assert "nothing was written" in done.out
    assert done.code == 0


def test_ask_end_of_input_writes_nothing(here: Path) -> None:
    done = ask("--agency", LAPD, "--save", "c.yaml", replies=["2016-11-14"])
    assert done.code == 130
    assert "nothing was written" in done.err
    assert list(here.iterdir()) == []


def test_ask_json_is_only_the_answer() -> None:
    done = ask("--agency", LAPD, "--at", "2016-11-14", "--json", replies=["hold", "no", ""])
    data = json.loads(done.out)
    assert data["actions"]["hold_past_release"]["outcome"] == "must not"
    assert "Has a judge signed" in done.err


def test_ask_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    (tmp_path / "there.yaml").write_text("x", encoding="utf-8")
    assert "exists already" in bad(run("ask", "--save", tmp_path / "there.yaml"), "CM112")
    assert "there is no folder" in bad(run("ask", "--save", tmp_path / "no" / "c.yaml"), "CM112")
    bad(run("ask", "--save", tmp_path), "CM112")
    bad(run("ask", "--resume", tmp_path / "none.yaml"), "CM112")
    bad(run("ask", "--resume", "-"), "CM112")
    assert "did you mean" in bad(run("ask", "--agency", "us/ca/los-angeles/lpad"), "CM404")
    bad(run("ask", "--at", "yesterday"))
    assert "between 1900 and 2100" in bad(run("ask", "--agency", LAPD, "--at", "0001-01-01"))


def test_ask_lives_through_strange_bytes() -> None:
    done = process("ask", stdin=b"\xff\xfe\n", env={"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"})
    assert done.code == 2
    assert "not UTF-8" in done.err
    done = ask(replies=["a\x00b", "\x1b[A", "x" * 5000, "q"])
    assert done.code == 0
    assert "at most 1000" in done.out


# law


def test_law_list() -> None:
    everything = run("law", "list", "--json").json()
    assert isinstance(everything, list)
    ids = {i["id"] for i in everything}
    assert {"us/ca/values-act", "us/1373"} <= ids
    assert f"{len(ids)} instruments" in run("law", "list").out
    data = run("law", "list", "--agency", LAPD, "--at", "2016-11-14", "--json").json()
    assert isinstance(data, list)
    bound = {i["id"] for i in data}
    assert "us/ca/los-angeles/detainers-2014" in bound
    # The list of offences speaks through the definitions that the TRUST Act uses.
    assert "us/ca/trust-act-list" in bound
    assert not {i for i in bound if i.startswith("us/tx")}
    ever = run("law", "list", "--agency", LAPD, "--json").json()
    assert isinstance(ever, list)
    assert bound < {i["id"] for i in ever} < ids
    dated = run("law", "list", "--at", "1990-01-01", "--json").json()
    assert isinstance(dated, list)
    assert {i["id"] for i in dated} < ids


def test_law_list_agencies() -> None:
    assert LAPD in run("law", "list", "--agencies").out
    data = run("law", "list", "--agencies", "--json").json()
    assert isinstance(data, list)
    assert {a["id"] for a in data} >= {LAPD, LASD, TRAVIS}


def test_law_show_an_instrument_with_its_text() -> None:
    done = run("law", "show", "us/ca/los-angeles/detainers-2014")
    assert "LAPD order on detainers of 7 July 2014" in done.out
    assert "checked: text read" in done.out
    assert "    agency must not hold past release" in done.out
    assert "https://" in done.out


@pytest.mark.parametrize(
    "ref", ["§ 7284.6(a)(4)", "Cal. Gov. Code § 7284.6(a)(4)", "us/ca/values-act#§ 7284.6(a)(4)", "7284.6(a)(4)"]
)
def test_law_show_a_norm_by_any_of_its_names(ref: str) -> None:
    data = run("law", "show", ref, "--json").json()
    assert isinstance(data, dict)
    assert data["texts"][0]["text"].startswith("```norm § 7284.6(a)(4)\nagency must not transfer custody")


def test_every_norm_is_shown_with_its_block() -> None:
    from comity.api import PACKAGED
    from comity.cli.showing import show

    library = comity.load()
    for instrument in library.law.instruments:
        data = show(instrument.id, library, PACKAGED, None, None).data
        shown = [i for text in data["texts"] for i in text["ids"]]
        assert shown.count("") == 0
        assert all(text["text"] for text in data["texts"]), instrument.id
        assert {n.id for n in library.law.norms if n.instrument == instrument.id} <= set(shown)


def test_law_show_a_definition_an_agency_and_an_action() -> None:
    assert "a conviction counts as recent listed felony" in run("law", "show", "recent listed felony").out
    assert "counts as police, local" in run("law", "show", LAPD).out
    assert "its own rules are not in the library" in run("law", "show", "us/ca/town:police").out
    done = run("law", "show", "hold_past_release", "--agency", LAPD, "--at", "2016-11-14")
    lines = [line for line in done.out.splitlines() if line.startswith("  must not")]
    assert "[constitution]" in lines[0]
    assert "[department]" in lines[-1]
    assert "beats" in done.out
    data = run("law", "show", "hold past release", "--agency", LAPD, "--json").json()
    assert isinstance(data, dict)
    assert data["law_date"]
    assert "norms about it" in run("law", "show", "hold_past_release").out


def test_law_show_names_the_nearest() -> None:
    assert "did you mean 'us/ca/values-act'?" in bad(run("law", "show", "us/ca/value-act"), "CM203")
    assert "did you mean 'us/ca/los-angeles/lapd'?" in bad(run("law", "show", "us/ca/los-angeles/lpad"), "CM404")
    assert "did you mean 'hold_past_release'?" in bad(run("law", "show", "hold_past_releas_e"), "CM202")
    assert "say which" in bad(run("law", "show", "notify"), "CM202")
    bad(run("law", "show", "us/ca/town:shark"), "CM404")
    assert "in force from 2018-01-01" in bad(run("law", "show", "7284.6(a)(4)", "--at", "2010-01-01"), "CM203")
    assert "comity law list" in bad(run("law", "show", "§§§"), "CM203")
    bad(run("law", "show", ""), "CM203")


def test_law_timeline_shows_a_suspension_and_its_end() -> None:
    words = ("law", "timeline", "--agency", TRAVIS, "--from", "2017-01-01", "--to", "2018-12-31")
    done = run(*words, "--action", "hold_past_release")
    assert re.search(r"2017-09-01\n(.*\n)*  suspended Tex.*2\.251", done.out)
    assert re.search(r"2017-09-25\n(.*\n)*  resumed ", done.out)
    data = run(*words, "--json").json()
    assert isinstance(data, list)
    assert {e["what"] for e in data} >= {"came", "went", "suspended", "resumed"}
    assert all("2017-01-01" <= e["day"] <= "2018-12-31" for e in data)
    assert [e["day"] for e in data] == sorted(e["day"] for e in data)


def test_law_timeline_refuses_what_it_cannot_use() -> None:
    bad(run("law", "timeline"))
    bad(run("law", "timeline", "--agency", LAPD, "--from", "2018-01-02", "--to", "2018-01-01"), "CM601")
    assert "did you mean" in bad(run("law", "timeline", "--agency", LAPD, "--action", "hodl past release"), "CM202")
    assert "say which" in bad(run("law", "timeline", "--agency", LAPD, "--action", "hold"), "CM202")
    bad(run("law", "timeline", "--agency", "nobody"), "CM404")


# check and fmt


def test_check_a_small_library(tiny: Path) -> None:
    done = run("check", tiny)
    assert done.code == 0, done.err
    assert "1 instrument, 1 norm: coverage by rule 100 %" in done.out
    data = run("check", tiny, "--json").json()
    assert isinstance(data, dict)
    assert data["examples"] == 2
    assert data["failures"] == []
    assert "§ 1" in run("check", tiny, "--rules").out
    assert run("check", tiny, "--only", "us/xx/act").code == done.code
    assert "did you mean 'us/xx/act'?" in bad(run("check", tiny, "--only", "us/xx/akt"), "CM203")


def test_check_finds_a_wrong_example_and_a_broken_file(tiny: Path) -> None:
    text = TINY.replace("then must not hold past release", "then may hold past release")
    (tiny / "act.md").write_text(text, encoding="utf-8")
    done = run("check", tiny)
    assert done.code == 1
    assert "CM602" in done.out
    (tiny / "act.md").write_text(TINY.replace("when judge signed", "when judge singed"), encoding="utf-8")
    done = run("check", tiny)
    assert done.code == 1
    assert "CM201" in done.err
    bad(run("check", tiny / "none"), "CM112")


def test_fmt_changes_only_when_asked(tiny: Path) -> None:
    file = tiny / "act.md"
    crooked = TINY.replace("    when judge signed\n```", "    when   judge signed\n```")
    file.write_text(crooked, encoding="utf-8")
    done = run("fmt", "--check", tiny)
    assert done.code == 1
    assert "would change" in done.out
    assert file.read_text(encoding="utf-8") == crooked
    assert run("fmt", file).code == 0
    assert run("fmt", "--check", file).code == 0
    file.write_text(TINY.replace("when judge signed\n```", "whne judge signed\n```"), encoding="utf-8")
    assert run("fmt", file).code == 2
    assert run("fmt", tiny / "none.md").code == 2
    assert run("fmt", tiny).err.count("error[") >= 1


# doctor and completion


def test_doctor_finds_nothing_broken(tmp_path: Path) -> None:
    done = run("doctor")
    assert done.code == 0, done.out
    assert "nothing is broken" in done.out
    data = run("doctor", "--json", env={"XDG_CACHE_HOME": str(tmp_path)}).json()
    assert isinstance(data, dict)
    assert data["ok"] is True
    assert data["cache"] == {"place": data["cache"]["place"], "used": False, "made": True}
    assert Path(data["cache"]["place"]).is_file()
    assert data["library"]["norms"] > 100
    assert data["time_zones"]["missing"] == []
    assert "not used" in run("doctor", env={"XDG_CACHE_HOME": "relative"}).out


def test_doctor_says_what_is_broken(tmp_path: Path) -> None:
    done = run("doctor", "--law", tmp_path)
    assert done.code == 1
    assert "broken: library" in done.out
    data = run("doctor", "--law", tmp_path, "--json").json()
    assert isinstance(data, dict)
    assert data["broken"] == ["library"]


def test_a_cache_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    variables = {"XDG_CACHE_HOME": str(tmp_path)}
    run("doctor", env=variables)
    (file,) = (tmp_path / "comity").iterdir()
    for damage in ("", "[3, 4]"):
        file.write_text(damage, encoding="utf-8")
        assert run("law", "show", LAPD, env=variables).code == 0
        assert len(file.read_text(encoding="utf-8")) > 1000


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    done = run("completion", shell)
    assert done.code == 0
    assert "_COMITY_COMPLETE" in done.out
    assert done.out.splitlines()[-1].startswith("# ")


def test_completion_completes_ids() -> None:
    complete = ShellComplete(cli, {}, "comity", "_COMITY_COMPLETE")
    assert LAPD in [c.value for c in complete.get_completions(["ask", "--agency"], "us/ca/los-angeles/")]
    assert "us/ca/values-act" in [c.value for c in complete.get_completions(["law", "show"], "us/ca/v")]
    assert [c.value for c in complete.get_completions([], "do")] == ["doctor"]
    bad(run("completion", "tcsh"))
    bad(run("completion"))


def test_a_reader_that_goes_away_is_no_error() -> None:
    line = f'"{sys.executable}" -m comity.cli law list --json | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}'
    variables = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=variables, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "0"
    assert "Traceback" not in done.stderr
