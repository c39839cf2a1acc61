"""One era of law as generated Python: the same answers as the interpreter, a hundred times sooner.

``codegen.py`` writes the source; here it is kept, run, and turned into evaluations and outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from comity.case import Case, plain_values
from comity.decide.codegen import Function, Writer, compile_function, standing_code, write_action, write_wins
from comity.decide.interpret import Evaluation, Readings, Scene
from comity.decide.verdict import verdict
from comity.policy.expressions import Expression
from comity.policy.outcome import ASK_COUNSEL, CONFLICT, NEED_A_FACT, SILENT, settle
from comity.policy.stack import ActionLaw, Era, Stack

__all__ = ["Specialised"]


def _standings(closure: str) -> list[Any]:
    table = []
    for code in range(243):
        must, must_not, may, power, conflict = (code // 3**n % 3 for n in range(5))
        table.append(settle(must, must_not, may, power, conflict, closure))
    return table


_TABLES = {closure: _standings(closure) for closure in ("open", "no power", "duty", SILENT)}
_ALONE = _TABLES[SILENT]
_WORDS = {
    closure: [ASK_COUNSEL if s.settled == CONFLICT else s.settled for s in table] for closure, table in _TABLES.items()
}


_Key = tuple[str, tuple[tuple[str, str], ...]]


class Specialised:
    """One era, compiled as it is asked for.  ``run`` is an ``Evaluator``; ``outcomes`` is the fast path."""

    def __init__(self, stack: Stack, era: Era) -> None:
        self.stack = stack
        self.era = era
        self._actions: dict[_Key, tuple[Function, tuple[str, ...]]] = {}
        self._words: dict[_Key, Function] = {}
        self._truths: dict[tuple[int, tuple[tuple[str, str], ...]], Function] = {}
        self._fused: Function | None = None
        #: Answers of actions that rest on a few plain facts (``explain.decide``); emptied when it grows large.
        self.remembered: dict[object, Any] = {}
        self.remembered_words: dict[object, str] = {}
        #: Questions of an action, the one that last settled it first.
        self._order: dict[str, list[str]] = {a.action: list(a.questions) for a in era.actions}
        counsel = {f.name for f in stack.library.vocabulary.facts if f.counsel}
        #: Actions whose law reads a fact that the law leaves to a person.
        self._judged = {
            a.action
            for a in era.actions
            if counsel.intersection(era.facts_read[a.action]) or counsel.intersection(era.fields_read[a.action])
        }

    def run(self, law: ActionLaw, era: Era, case: Case, readings: Readings) -> Evaluation:
        """The same as ``interpret.evaluate``; ``law`` and ``era`` must be of this object's era."""
        key = (law.action, tuple(readings.items()) if readings else ())
        made = self._actions.get(key)
        if made is None:
            made = self._actions[key] = (self._make(law, readings), tuple(dict.fromkeys(law.layers)))
        applies, wins, code, layers = made[0](case.values.get, case.lists, case.law_date)
        alone = tuple([(name, _ALONE[c]) for name, c in zip(made[1], layers, strict=True)])
        return Evaluation(law.action, applies, wins, _TABLES[law.closure][code], alone)

    def _make(self, law: ActionLaw, readings: Readings) -> Function:
        writer = Writer(self.era, readings)
        writer.plan(e for n in law.norms for e in (n.when, *n.exceptions))
        applies, wins = write_action(writer, law)
        code = standing_code(writer, law, wins)
        layers = []
        for layer in dict.fromkeys(law.layers):
            among = {i for i, of in enumerate(law.layers) if of == layer}
            layers.append(standing_code(writer, law, write_wins(writer, law, applies, among)))

        def ranks(pairs: Iterable[tuple[str, str]]) -> str:
            return "(" + "".join(f"({s}) + ({p}), " for s, p in pairs) + ")"

        inner = "".join(f"{c}, " for c in layers)
        return compile_function(writer, f"({ranks(applies)}, {ranks(wins.values())}, {code}, ({inner}))")

    def outcomes(self, case: Case) -> dict[str, str]:
        """Action name -> outcome word, nothing else: the fast path for many decisions."""
        fused = self._fused
        if fused is None:
            fused = self._fused = self._fuse()
        found: dict[str, str] = fused(case.values.get, case.lists, case.law_date)
        for action, outcome in found.items():
            if not outcome:
                found[action] = self._unsettled(self.era.by_action[action], case)
        return found

    def outcome(self, law: ActionLaw, case: Case) -> str:
        """The outcome word of one action of this era: the same as ``outcomes(case)[law.action]``."""
        return self._word(law, {}, case) or self._unsettled(law, case)

    def only_facts_missing(self, law: ActionLaw) -> bool:
        """Whether an outcome that is not settled can only be *need a fact*: no open readings, nothing for counsel."""
        return not law.questions and law.action not in self._judged

    def _unsettled(self, law: ActionLaw, case: Case) -> str:
        """The outcome of an action that open readings or missing facts leave open."""
        word = self._by_readings(law, case) if law.questions else ""
        if word:
            return word
        if law.action not in self._judged:
            return NEED_A_FACT
        # Whether a clerk or a person must answer depends on which fact is missing; only then is that worth finding out.
        names = self.era.settled_by[law.action]
        if names is None:
            return verdict(law, self.stack, self.era, case, self.run).outcome
        plain = plain_values(case)
        key = (law.action, case.law_date, tuple([plain.get(n) for n in names]))
        kept = self.remembered_words.get(key)
        if kept is None:
            kept = self.remembered_words[key] = verdict(law, self.stack, self.era, case, self.run).outcome
        return kept

    def _by_readings(self, law: ActionLaw, case: Case) -> str:
        """The outcome when readings alone were open; "" when facts are missing under some reading."""
        order = self._order[law.action]
        answers = {name: self.stack.questions[name].answers for name in order}
        if not self._word(law, {name: answers[name][0] for name in law.questions}, case):
            return ""
        found: set[str] = set()
        pending: list[dict[str, str]] = [{}]
        while pending:
            readings = pending.pop()
            best: list[tuple[dict[str, str], str]] = []
            for name in [n for n in order if n not in readings]:
                branch = [(tried := {**readings, name: a}, self._word(law, tried, case)) for a in answers[name]]
                if sum(bool(w) for _, w in branch) > sum(bool(w) for _, w in best) or not best:
                    best = branch
                if all(word for _, word in branch):
                    # A new list, not a changed one: another thread may be reading the old.
                    self._order[law.action] = [name, *(n for n in order if n != name)]
                    break
            if not best:
                return ""
            found.update(word for _, word in best if word)
            pending += [readings for readings, word in best if not word]
        return found.pop() if len(found) == 1 else ASK_COUNSEL

    def truth(self, expression: Expression, scene: Scene) -> int:
        """The same as ``interpret.truth``, for an expression of the library (it is known by its identity)."""
        key = (id(expression), tuple(scene.readings.items()) if scene.readings else ())
        made = self._truths.get(key)
        if made is None:
            writer = Writer(self.era, scene.readings)
            writer.plan([expression])
            row = "" if scene.row is None else "row"
            surely, possibly = writer.condition(expression, row)
            made = self._truths[key] = compile_function(writer, f"({surely}) + ({possibly})")
        case = scene.case
        rank: int = made(case.values.get, case.lists, case.law_date, None if scene.row is None else scene.row.get)
        return rank

    def settled(self, law: ActionLaw, era: Era, case: Case) -> str:
        """The outcome of an action with every reading left open; "" while it is not settled."""
        return self._word(law, {}, case)

    def _word(self, law: ActionLaw, readings: Readings, case: Case) -> str:
        """The outcome word under some readings; "" while it is open."""
        key = (law.action, tuple([(n, readings[n]) for n in law.questions if n in readings]) if readings else ())
        made = self._words.get(key)
        if made is None:
            writer = Writer(self.era, readings)
            writer.plan(e for n in law.norms for e in (n.when, *n.exceptions))
            _, wins = write_action(writer, law)
            words = writer.constant(_WORDS[law.closure])
            made = self._words[key] = compile_function(writer, f"{words}[{standing_code(writer, law, wins)}]")
        word: str = made(case.values.get, case.lists, case.law_date)
        return word

    def _fuse(self) -> Function:
        writer = Writer(self.era, {})
        writer.plan(e for law in self.era.actions for n in law.norms for e in (n.when, *n.exceptions))
        results = []
        for law in self.era.actions:
            _, wins = write_action(writer, law)
            words = writer.constant(_WORDS[law.closure])
            results.append(f"{writer.constant(law.action)}: {words}[{standing_code(writer, law, wins)}]")
        return compile_function(writer, "{" + ", ".join(results) + "}")
