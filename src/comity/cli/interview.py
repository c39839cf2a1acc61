"""The conversation of ``comity ask``: what is said, and what is made of a reply."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import click

from comity.api import Library
from comity.case import Case
from comity.cli.saving import check_place, save_text, unusable
from comity.cli.screen import MARKS, paint, problem_text, width, wrap
from comity.decide.ask import AGENCY, ALL, Question, agencies_like, answered, next_question, questions, so_far
from comity.decide.casefile import CaseText, write_case
from comity.policy.authority import Agency
from comity.policy.facts import LAW_DATE
from comity.problems import ComityError, Problem

__all__ = ["Interview", "plain_day"]

_KEYS = "? why we ask · b back · u can't tell · s save and stop · q stop without saving"
_COMMANDS = ("?", "b", "u", "s", "q")
_MOST_LETTERS = 1000
_MOST_SUGGESTED = 9
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def plain_day(text: str) -> str:
    """``3/2/2011`` as 2011-03-02, month first; "today" as its day; anything else as it is."""
    if text.lower() == "today":
        return date.today().isoformat()
    written = _US_DAY.fullmatch(text)
    return f"{written[3]}-{int(written[1]):02}-{int(written[2]):02}" if written else text


def _age(day: date, law_date: date | None) -> str:
    """``2 March 2011 - 15 years 8 months before the law date``: a slip of the keyboard shows at once."""
    said = f"{day.day} {day:%B} {day.year}"
    if law_date is None:
        return said
    if day == law_date:
        return f"{said} - the law date itself"
    early, late = min(day, law_date), max(day, law_date)
    months = (late.year - early.year) * 12 + late.month - early.month - (late.day < early.day)
    parts = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((months // 12, "year"), (months % 12, "month")) if n]
    days = (late - early).days
    apart = " ".join(parts) or f"{days} day{'s' * (days != 1)}"
    return f"{said} - {apart} {'before' if day < law_date else 'after'} the law date"


@dataclass
class Interview:
    """One conversation: the case as it stands, what was skipped, and the way back."""

    library: Library
    text: CaseText
    target: Path | None
    as_json: bool
    skipped: frozenset[str] = frozenset()
    past: list[tuple[Case, frozenset[str]]] = field(default_factory=list)
    suggested: tuple[Agency, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    remarks: frozenset[str] = frozenset()
    number: int = 1

    def _say(self, text: str = "") -> None:
        # With --json standard output holds the answer and nothing else.
        click.echo(text, err=self.as_json)

    def _hear(self, prompt: str) -> str:
        """One line; EOF and Ctrl-C are click.Abort."""
        try:
            line = click.prompt(prompt, default="", show_default=False, prompt_suffix="> ", err=self.as_json)
            line.encode()
        except UnicodeError:
            raise ComityError(
                [Problem("CM101", "the answer is not UTF-8 text", help="set the terminal to UTF-8")]
            ) from None
        if not sys.stdin.isatty():
            # What a pipe sends is not echoed by anybody else, and the record should read like a conversation.
            self._say(line)
        return str(line).strip()

    def run(self) -> bool:
        """Ask until nothing is left that matters; False when the person stopped."""
        self._say(paint(_KEYS, dim=True))
        while (question := next_question(self.library, self.text.case, self.skipped)) is not None:
            self._show_state()
            self._show_question(question)
            if not self._listen(question):
                return False
        self._say()
        told = f"; {len(self.skipped)} could not be told" if self.skipped else ""
        self._say(f"Nothing is left to ask{told}.")
        self._say()
        return True

    def _listen(self, question: Question) -> bool:
        """Take lines until one moves the interview on; False when the person stopped."""
        while True:
            reply = self._hear("  ")
            if len(reply) > _MOST_LETTERS:
                self._say(f"  that is {len(reply)} letters long; an answer has at most {_MOST_LETTERS}")
                continue
            command = "u" if reply.lower() == "unknown" else reply.lower()
            if command not in _COMMANDS or reply in question.choices:
                if reply and self._take(question, reply):
                    return True
                if not reply:
                    self._say(f"  {_KEYS}")
            elif command == "?":
                self._explain(question)
            elif command == "b" and self.past:
                self.text = replace(self.text, case=self.past[-1][0])
                self.skipped = self.past.pop()[1]
                self.number -= 1
                return True
            elif command == "b":
                self._say("  this is the first question")
            elif command == "u" and question.key == AGENCY:
                self._say("  without an agency there is no law to ask; write PLACE:KIND for one that is not listed")
            elif command == "u":
                self._move(self.text.case, self.skipped | {question.key})
                return True
            elif command == "q":
                self._say("stopped; nothing was written")
                return False
            elif command == "s" and self._stop_and_save():
                return False

    def _take(self, question: Question, reply: str) -> bool:
        """The case after the reply; False where it cannot be read, and why is said."""
        try:
            case = answered(self.text.case, question, self._words(question, reply))
        except ComityError as error:
            self.suggested = agencies_like(self.library.law, reply) if question.key == AGENCY else ()
            for problem in error.problems:
                self._say(
                    f"  {problem.message}" + (f"\n  {problem.help}" if problem.help and not self.suggested else "")
                )
            for i, agency in enumerate(self.suggested[:_MOST_SUGGESTED], 1):
                self._say(f"    {i} {agency.name} ({agency.id})")
            return False
        self._echo(question, case)
        skipped = self.skipped
        if question.fact is not None and question.fact.list:
            name = question.fact.list
            before, after = (len(c.lists[name].rows) if name in c.lists else 0 for c in (self.text.case, case))
            if after < before:
                # An entry went, so those after it have new numbers: what was skipped in them may be asked again.
                skipped = frozenset(k for k in skipped if not k.startswith(f"{name} "))
        self._move(case, skipped)
        if question.type.kind == "list" or (question.fact is not None and question.fact.list):
            self._remark()
        return True

    def _move(self, case: Case, skipped: frozenset[str]) -> None:
        self.past.append((self.text.case, self.skipped))
        self.text = replace(self.text, case=case)
        self.skipped = skipped
        self.suggested = ()
        self.number += 1

    def _words(self, question: Question, reply: str) -> str:
        """The reply with numbers, letters and dates as case files write them."""
        kind, choices = question.type.kind, question.choices
        if question.key == AGENCY:
            picked = reply.isdecimal() and 1 <= int(reply) <= len(self.suggested[:_MOST_SUGGESTED])
            return self.suggested[int(reply) - 1].id if picked else reply
        if question.key == LAW_DATE or kind == "date":
            return plain_day(reply)
        if kind == "yes/no" or choices[:1] == (ALL,):
            reply = {"y": "yes", "n": "no"}.get(reply.lower(), reply)
        parts = reply.split(",") if kind == "some of" else [reply]
        if kind == "some of" and re.fullmatch(r"[\d\s]+", reply):
            parts = reply.split()
        return ", ".join(_choice(part.strip(), choices) for part in parts)

    def _echo(self, question: Question, case: Case) -> None:
        """What was understood, where the words alone do not show it."""
        if question.key == AGENCY:
            self._say(f"  {case.agency.name} ({case.agency.id})")
            if not case.agency.held:
                self._say("  its own city, county and department rules are not in the library")
        elif question.key == LAW_DATE and case.law_date is not None:
            self._say(f"  {_age(case.law_date, None)}")
        elif question.type.kind == "date" and question.fact is not None:
            fact = question.fact
            where = case.lists[fact.list].rows[fact.row] if fact.list else case.values
            day = where.get(fact.name)
            if isinstance(day, date):
                self._say(f"  {_age(day, case.law_date)}")

    def _remark(self) -> None:
        """What a careful clerk would point at, each once: a grade no table knows, a date after the law date."""
        again = self.library.read_case(write_case(self.text.case, self.library.law))
        for problem in again.remarks:
            if problem.message not in self.remarks:
                self.remarks |= {problem.message}
                self._say(f"  note: {problem.message}" + (f"; {problem.help}" if problem.help else ""))

    def _show_state(self) -> None:
        state = so_far(self.library, self.text.case)
        if state and state != self.shown:
            self._say()
            self._say(paint("What we can already say", bold=True))
            for action, outcome in state:
                shape, word, colour = MARKS[outcome]
                self._say("  " + paint(f"{shape} {word:<11}", fg=colour, bold=True) + f" {action}")
        self.shown = state

    def _show_question(self, question: Question) -> None:
        columns = width()
        left = len(questions(self.library, self.text.case, self.skipped))
        self._say()
        counted = f"{left} fact{'s' * (left != 1)} can still change the answer"
        self._say(paint(f"Question {self.number}", bold=True) + (f" · {counted}" if question.actions else ""))
        for line in [*wrap(question.about, 2, columns), *wrap(question.text, 2, columns)]:
            self._say(line)
        if question.counsel:
            self._say("  The law leaves this to a person: answer it as counsel did, or u")
        if question.type.kind == "date":
            self._say("    a day like 2011-03-02 or 3/2/2011 (month first)")
        elif question.type.kind == "moment":
            self._say("    like 2016-11-14T03:07-08:00; a clock needs its time zone")
        elif question.type.kind == "list":
            self._say("    or the section of one more entry, such as PC 459")
        elif question.type.kind == "some of":
            self._say("    several: 1, 3; none: none")
        self._choices(question, columns)

    def _choices(self, question: Question, columns: int) -> None:
        """Numbered: in one line where they fit, else in columns of equal width."""
        numbered = [f"{i} {choice}" for i, choice in enumerate(question.choices, 1)]
        if not numbered:
            return
        if sum(len(n) + 3 for n in numbered) <= columns - 4:
            self._say("    " + "   ".join(numbered))
            return
        wide = max(len(n) for n in numbered) + 3
        across = max(1, (columns - 4) // wide)
        for start in range(0, len(numbered), across):
            self._say("    " + "".join(f"{n:<{wide}}" for n in numbered[start : start + across]).rstrip())

    def _explain(self, question: Question) -> None:
        waiting = f"these wait for it: {', '.join(question.actions)}" if question.actions else ""
        for label, said in (
            ("why", question.why or ("some rules look at it" if question.actions else "the rules differ by it")),
            ("who knows", question.who),
            ("for", waiting),
        ):
            if said:
                for line in wrap(f"{label}: {said}", 4, width()):
                    self._say(line)

    def answer(self) -> None:
        """The answer to the case as it stands, on standard output."""
        from comity.cli.render import render_answer

        answer = self.library.decide(self.text)
        if self.as_json:
            click.echo(answer.to_json(), nl=False)
        else:
            shown = render_answer(answer, self.text.case, self.library, explain=False, everything=False)
            click.echo(shown, nl=False)

    def save(self, path: Path) -> None:
        """The case as a case file; what was skipped is not in it, so it is asked again."""
        text = write_case(self.text.case, self.library.law, title=self.text.title, about=self.text.about)
        try:
            save_text(path, text)
        except OSError as error:
            raise unusable(f"'{path}' cannot be written: {(error.strerror or 'no reason given').lower()}", "") from None
        self._say(f"saved {path}; go on with: comity ask --resume {path}")

    def _stop_and_save(self) -> bool:
        """Save to the file named at the start, or to one named now; False when the person thinks better of it."""
        if not self.text.case.agency.id:
            self._say("  there is nothing to save yet")
            return False
        if self.target is not None:
            self.save(self.target)
            return True
        return self.offer(again="go on with the questions")

    def offer(self, again: str = "not to save") -> bool:
        """Ask for a file name until one can be written; nothing, or EOF, saves nothing."""
        while True:
            try:
                name = self._hear(f"Save this case as a file? Its name, or Enter {again} ")
            except click.Abort:
                self._say()
                return False
            if name.lower() in ("", "q", "n", "no"):
                return False
            if name.lower() in _COMMANDS:
                self._say(f"  '{name}' is an answer, not a file; Enter goes on without saving")
                continue
            try:
                check_place(Path(name), self.target)
                self.save(Path(name))
                return True
            except ComityError as error:
                for problem in error.problems:
                    self._say(problem_text(problem))


def _choice(part: str, choices: tuple[str, ...]) -> str:
    """The choice with this number, or the words themselves; large and small letters do not matter."""
    if part.isdecimal() and 1 <= int(part) <= len(choices):
        return choices[int(part) - 1]
    return next((c for c in choices if c.lower() == part.lower()), part)
