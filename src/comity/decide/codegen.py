"""Law written out as plain Python source.

Every condition becomes two plain booleans, *surely* and *possibly* (Kleene yes is both, unknown only the second), so
that Python's own ``and``/``or`` do the work.  Conditions that occur twice are computed once; quantifiers over the same
list share one pass over its rows.  The generated source reads facts from the case and constants from a tuple; it
contains no text of the library, so a library can never smuggle code in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from comity.calendar import shift
from comity.case import Rows
from comity.decide.interpret import Readings
from comity.decide.reaching import compare_values, day_of
from comity.policy.expressions import (
    And,
    AtLeast,
    Compare,
    Defined,
    Every,
    Expression,
    Fact,
    Includes,
    Literal,
    Name,
    Not,
    OneOf,
    Or,
    Some,
    Value,
    Within,
)
from comity.policy.facts import LAW_DATE
from comity.policy.norms import ReadingOf
from comity.policy.outcome import MAY, MUST, MUST_NOT, clashes
from comity.policy.stack import ActionLaw, Era

__all__ = ["Function", "Writer", "compile_function", "standing_code", "write_action", "write_wins"]

#: ``decide(get, lists, today, row=None)``: the case's values, its lists, the law date, a row's fields.
Function = Callable[..., Any]

#: The only words of a library that choose source text; anything else it says is a constant beside the code.
_OPERATORS = {"is": "==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

_NO_ROWS = Rows()


class Writer:
    """Source lines under construction: the body of one function."""

    def __init__(self, era: Era, readings: Readings) -> None:
        self.era = era
        self.readings = readings
        self.lines: list[str] = []
        self.constants: list[Any] = []
        self._memo: dict[tuple[Expression, str], tuple[str, str]] = {}
        self._values: dict[tuple[Value, str], str] = {}
        self._count = 0
        self._planned: dict[str, list[Expression]] = {}
        self._busy: set[str] = set()

    def fresh(self) -> str:
        """A local name nobody uses yet."""
        self._count += 1
        return f"v{self._count}"

    def constant(self, value: Any) -> str:
        """Source that reads ``value`` from the function's constants."""
        self.constants.append(value)
        return f"k[{len(self.constants) - 1}]"

    def emit(self, text: str, depth: int = 1) -> None:
        """Add one line."""
        self.lines.append("    " * depth + text)

    # -- values -------------------------------------------------------------------------------------------------

    def value(self, value: Value, row: str, depth: int) -> str:
        """A local that holds the value (None: unknown); days for dates and moments alike are left to the caller."""
        key = (value, row if isinstance(value, Name) and value.row else "")
        known = self._values.get(key)
        if known is not None:
            return known
        local = self.fresh()
        match value:
            case Literal(written):
                return self.constant(written)
            case Name(name, True):
                self.emit(f"{local} = {row}({self.constant(name)})", depth)
            case Name(name, False) if name == LAW_DATE:
                return "today"
            case Name(name, False):
                self.emit(f"{local} = get({self.constant(name)})", depth)
        self._values[key] = local
        return local

    # -- conditions ---------------------------------------------------------------------------------------------

    def condition(self, expression: Expression, row: str = "", depth: int = 1) -> tuple[str, str]:
        """Two source atoms: (surely, possibly)."""
        if row and not _reads_row(expression, self.era):
            row, depth = "", 1  # hoisted before the loop, so it is already there
        key = (expression, row)
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = self._condition(expression, row, depth)
        return known

    def _condition(self, expression: Expression, row: str, depth: int) -> tuple[str, str]:
        match expression:
            case Not(item):
                surely, possibly = self.condition(item, row, depth)
                return _negated(possibly), _negated(surely)
            case And(items):
                return self._join(items, "and", "True", row, depth)
            case Or(items):
                return self._join(items, "or", "False", row, depth)
            case Fact(name, of_row):
                local = self.value(Name(name, of_row), row, depth)
                return f"{local} is True", f"{local} is not False"
            case OneOf(left, members):
                local = self.value(left, row, depth)
                return self._known([local], f"{local} in {self.constant(frozenset(members))}", depth)
            case Includes(left, members):
                local = self.value(left, row, depth)
                return self._known([local], f"not {self.constant(frozenset(members))}.isdisjoint({local})", depth)
            case Compare():
                return self._compare(expression, row, depth)
            case Within():
                return self._within(expression, row, depth)
            case Defined(name, _):
                versions = self.era.definitions.get(name, ())
                parts = [self.provision(v.reading, v.when, v.exceptions, row, depth) for v in versions]
                return self._named(_either(parts, "or", "False"), depth)
            case Some(name, _) | Every(name, _) | AtLeast(_, name, _):
                self._quantifiers(name, [expression], depth)
                return self._memo[(expression, "")]

    def provision(
        self,
        reading: ReadingOf | None,
        when: Expression,
        exceptions: Iterable[Expression],
        row: str = "",
        depth: int = 1,
    ) -> tuple[str, str]:
        """A norm or a version of a definition: its reading, its condition, none of its exceptions."""
        tried = None if reading is None else self.readings.get(reading.question, "")
        if reading is not None and tried and tried != reading.answer:
            return "False", "False"
        parts = [self.condition(when, row, depth)]
        if tried == "":
            parts.append(("False", "True"))
        for exception in exceptions:
            surely, possibly = self.condition(exception, row, depth)
            parts.append((_negated(possibly), _negated(surely)))
        return _either(parts, "and", "True")

    def _join(self, items: tuple[Expression, ...], word: str, empty: str, row: str, depth: int) -> tuple[str, str]:
        return self._named(_either([self.condition(i, row, depth) for i in items], word, empty), depth)

    def _named(self, pair: tuple[str, str], depth: int) -> tuple[str, str]:
        if all(p.isidentifier() for p in pair):
            return pair
        local = self.fresh()
        self.emit(f"{local}s = {pair[0]}", depth)
        self.emit(f"{local}p = {pair[1]}", depth)
        return f"{local}s", f"{local}p"

    def _known(self, locals_: list[str], test: str, depth: int) -> tuple[str, str]:
        """A test that is unknown while one of its locals is None."""
        unknown = " or ".join(f"{x} is None" for x in locals_ if not x.startswith("k["))
        local = self.fresh()
        if not unknown:
            self.emit(f"{local}s = {local}p = {test}", depth)
        else:
            self.emit(f"if {unknown}: {local}s = False; {local}p = True", depth)
            self.emit(f"else: {local}s = {local}p = {test}", depth)
        return f"{local}s", f"{local}p"

    def _as_day(self, value: Value, local: str, depth: int) -> str:
        if local == "today" or local.startswith("k["):
            return local
        key = (value, local + ":day")
        known = self._values.get(key)
        if known is None:
            known = self._values[key] = self.fresh()
            self.emit(f"{known} = day({local})", depth)
        return known

    def _compare(self, compare: Compare, row: str, depth: int) -> tuple[str, str]:
        left = self.value(compare.left, row, depth)
        right = self.value(compare.right, row, depth)
        operator = _OPERATORS[compare.op]
        literal = compare.right.value if isinstance(compare.right, Literal) else None
        if isinstance(compare.right, Literal) and not isinstance(literal, date):
            return self._known([left], f"{left} {operator} {right}", depth)
        if isinstance(literal, date) or left == "today" or right == "today":
            days = [self._as_day(compare.left, left, depth), self._as_day(compare.right, right, depth)]
            return self._known(days, f"{days[0]} {operator} {days[1]}", depth)
        # Two facts: moments are compared to the second, a moment and a day by the day.
        return self._known([left, right], f"compare({self.constant(compare.op)}, {left}, {right})", depth)

    def _within(self, window: Within, row: str, depth: int) -> tuple[str, str]:
        left = self._as_day(window.left, self.value(window.left, row, depth), depth)
        anchor, far = self._bounds(window, row, depth)
        near, distant = ("<=", "<" if window.strict else "<=")
        if window.after:
            test = f"{anchor} {near} {left} {distant} {far}"
        else:
            test = f"{far} {distant} {left} {near} {anchor}"
        return self._known([left, anchor], test, depth)

    def _bounds(self, window: Within, row: str, depth: int) -> tuple[str, str]:
        """Locals that hold the anchor's day and the far end of the window."""
        anchor = self._as_day(window.anchor, self.value(window.anchor, row, depth), depth)
        amount = window.amount if window.after else -window.amount
        key = (Literal(f"{amount} {window.unit}"), anchor)
        far = self._values.get(key)
        if far is None:
            far = self._values[key] = self.fresh()
            guard = "" if anchor == "today" or anchor.startswith("k[") else f" if {anchor} is not None else None"
            size, unit = self.constant(amount), self.constant(window.unit)
            self.emit(f"{far} = shift({anchor}, {size}, {unit}){guard}", depth)
        return anchor, far

    # -- lists --------------------------------------------------------------------------------------------------

    def plan(self, expressions: Iterable[Expression]) -> None:
        """Note every quantifier, so that one pass over a list serves them all."""
        for expression in expressions:
            for node in _deep(expression, self.era):
                if isinstance(node, Some | Every | AtLeast):
                    nodes = self._planned.setdefault(node.list, [])
                    if node not in nodes:
                        nodes.append(node)

    def _quantifiers(self, name: str, wanted: list[Expression], depth: int) -> None:
        # A condition of the case inside a row condition may need this very list: then it gets a pass of its own first.
        nodes = wanted if name in self._busy else [n for n in self._planned.get(name, []) if (n, "") not in self._memo]
        nodes = nodes or wanted
        rows, one, row = self.fresh(), self.fresh(), self.fresh()
        outermost = name not in self._busy
        self._busy.add(name)
        self._hoist(nodes)
        if outermost:
            self._busy.discard(name)
            nodes = [n for n in nodes if (n, "") not in self._memo]
        self.emit(f"{rows} = lists.get({self.constant(name)}, no_rows)", depth)
        results: list[tuple[Expression, str]] = []
        for node in nodes:
            local = self.fresh()
            results.append((node, local))
            match node:
                case Every():
                    self.emit(f"{local}s = {local}p = True", depth)
                case AtLeast():
                    self.emit(f"{local}n = {local}m = 0", depth)
                case _:
                    self.emit(f"{local}s = {local}p = False", depth)
        self.emit(f"for {one} in {rows}.rows:", depth)
        self.emit(f"{row} = {one}.get", depth + 1)
        for node, local in results:
            assert isinstance(node, Some | Every | AtLeast)
            surely, possibly = self.condition(node.where, row, depth + 1)
            match node:
                case Every():
                    self.emit(f"{local}s = {local}s and ({surely}); {local}p = {local}p and ({possibly})", depth + 1)
                case AtLeast():
                    self.emit(f"{local}n += 1 if {surely} else 0; {local}m += 1 if {possibly} else 0", depth + 1)
                case _:
                    self.emit(f"{local}s = {local}s or ({surely}); {local}p = {local}p or ({possibly})", depth + 1)
        for node, local in results:
            match node:
                case Every():
                    self.emit(f"if not {rows}.complete: {local}s = False", depth)
                case AtLeast(count, _, _):
                    needed = self.constant(count)
                    self.emit(f"{local}s = {local}n >= {needed}", depth)
                    self.emit(f"{local}p = {local}m >= {needed} or not {rows}.complete", depth)
                case _:
                    self.emit(f"if not {rows}.complete: {local}p = True", depth)
            self._memo[(node, "")] = (f"{local}s", f"{local}p")

    def _hoist(self, nodes: list[Expression]) -> None:
        """What a row condition asks of the case is computed before the loop, not in it."""
        for node in nodes:
            assert isinstance(node, Some | Every | AtLeast)
            for inner in _deep(node.where, self.era, into_lists=False):
                if not _reads_row(inner, self.era):
                    self.condition(inner, "", 1)
                elif isinstance(inner, Within) and not _is_row(inner.anchor):
                    self._bounds(inner, "", 1)
                    self._hoist_value(inner.left)
                elif isinstance(inner, Compare | Within):
                    self._hoist_value(inner.left)
                    self._hoist_value(inner.right if isinstance(inner, Compare) else inner.anchor)

    def _hoist_value(self, value: Value) -> None:
        if isinstance(value, Name) and not value.row:
            self._as_day(value, self.value(value, "", 1), 1)


def _is_row(value: Value) -> bool:
    return isinstance(value, Name) and value.row


def _negated(source: str) -> str:
    if source in ("True", "False"):
        return "False" if source == "True" else "True"
    if source.startswith("not ") and source[4:].isidentifier():
        return source[4:]
    return f"not {source}" if source.isidentifier() else f"not ({source})"


def _either(parts: list[tuple[str, str]], word: str, empty: str) -> tuple[str, str]:
    if not parts:
        return empty, empty
    if len(parts) == 1:
        return parts[0]

    def join(which: int) -> str:
        return f" {word} ".join(p[which] if p[which].isidentifier() else f"({p[which]})" for p in parts)

    return join(0), join(1)


def _deep(expression: Expression, era: Era, *, into_lists: bool = True) -> Iterable[Expression]:
    """The expression and everything inside, definitions opened; quantifiers only with ``into_lists``."""
    yield expression
    match expression:
        case Not(item):
            yield from _deep(item, era, into_lists=into_lists)
        case And(items) | Or(items):
            for item in items:
                yield from _deep(item, era, into_lists=into_lists)
        case Some(_, where) | Every(_, where) | AtLeast(_, _, where):
            if into_lists:
                yield from _deep(where, era)
        case Defined(name, _):
            for version in era.definitions.get(name, ()):
                for part in (version.when, *version.exceptions):
                    yield from _deep(part, era, into_lists=into_lists)
        case _:
            pass


def _reads_row(expression: Expression, era: Era) -> bool:
    """Whether the row at hand matters; a quantifier inside has rows of its own."""
    for node in _deep(expression, era, into_lists=False):
        match node:
            case Fact(_, True) | Defined(_, True):
                return True
            case Compare(_, left, right) | Within(left, _, _, right, _, _):
                if left.row or (isinstance(right, Name) and right.row):
                    return True
            case OneOf(left, _) | Includes(left, _):
                if left.row:
                    return True
            case _:
                pass
    return False


# -- whole functions --------------------------------------------------------------------------------------------


def standing_code(writer: Writer, law: ActionLaw, wins: dict[int, tuple[str, str]]) -> str:
    """Source of the number that stands for (must, must not, may, power, conflict): base 3, each digit a rank."""

    def rank(parts: list[tuple[str, str]]) -> str:
        surely, possibly = writer._named(_either(parts, "or", "False"), 1)
        return f"{surely} + {possibly}"

    def of(effect: str) -> list[tuple[str, str]]:
        return [w for i, w in wins.items() if law.norms[i].effect == effect]

    digits = [of(MUST), of(MUST_NOT), of(MAY), [w for i, w in wins.items() if law.powers[i]], _conflict(law, wins)]
    terms = [f"{3**n} * ({rank(parts)})" if n else f"({rank(parts)})" for n, parts in enumerate(digits) if parts]
    return " + ".join(terms) or "0"


def _conflict(law: ActionLaw, wins: dict[int, tuple[str, str]]) -> list[tuple[str, str]]:
    """The same as ``outcome._conflict``, as source."""
    pairs = [(i, j) for i, j in clashes(law) if i in wins and j in wins]
    hard = [(i, j) for i, j in pairs if law.norms[j].effect == MUST]
    soft = [(i, j) for i, j in pairs if law.norms[j].effect == MAY]
    parts = [_either([wins[i], wins[j]], "and", "True") for i, j in hard]
    if soft:
        clear = [
            _either([wins[i], *(_opposite(wins[b]) for a, b in soft if a == i)], "and", "True")
            for i in wins
            if law.norms[i].effect == MUST_NOT
        ]
        both = _either([_either([wins[i], wins[j]], "and", "True") for i, j in soft], "or", "False")
        parts.append(_either([both, _opposite(_either(clear, "or", "False"))], "and", "True"))
    return parts


def _opposite(pair: tuple[str, str]) -> tuple[str, str]:
    return _negated(pair[1]), _negated(pair[0])


def write_action(writer: Writer, law: ActionLaw) -> tuple[list[tuple[str, str]], dict[int, tuple[str, str]]]:
    """Write the norms of an action: for each, where its *applies* and its *wins* can be read."""
    applies = [writer._named(writer.provision(n.reading, n.when, n.exceptions), 1) for n in law.norms]
    return applies, write_wins(writer, law, applies, set(range(len(law.norms))))


def write_wins(
    writer: Writer, law: ActionLaw, applies: list[tuple[str, str]], among: set[int]
) -> dict[int, tuple[str, str]]:
    """Write who wins among some norms of an action, by position; beaters stand before whom they beat."""
    wins: dict[int, tuple[str, str]] = {}
    for i in sorted(among):
        beaters = [wins[j] for j in law.beaten_by[i] if j in among]
        parts = [applies[i], *(_opposite(b) for b in beaters)]
        wins[i] = writer._named(_either(parts, "and", "True"), 1)
    return wins


def compile_function(writer: Writer, result: str) -> Function:
    """The finished function, which returns ``result``; only names and numbers made in this module are compiled."""
    body = "\n".join(writer.lines) or "    pass"
    source = f"def decide(get, lists, today, row=None):\n{body}\n    return {result}\n"
    scope: dict[str, Any] = {
        "k": tuple(writer.constants),
        "shift": shift,
        "day": day_of,
        "compare": compare_values,
        "no_rows": _NO_ROWS,
        "frozenset": frozenset,
    }
    exec(compile(source, "<law>", "exec"), scope)
    made: Function = scope["decide"]
    return made
