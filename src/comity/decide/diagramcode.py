"""Decision diagrams written out as plain Python: nested ifs that return as soon as the outcome is settled.

As in ``codegen.py`` the source holds numbered names, Python's own operators and places in tuples, and nothing that a
library says: every word, value and date of it stands in the scope of the function, under a numbered name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from comity.case import Rows
from comity.decide.diagram import Ask, Diagrams, Tell, TooLarge, rank_of
from comity.decide.formula import NOT_SAID, OTHER, Answer, Formulas, Found, Holds, Said
from comity.decide.reaching import FarEnds, Source, compare_values, day_of
from comity.policy.expressions import Compare, Includes, Literal, Name, Value, Within
from comity.policy.facts import LAW_DATE
from comity.truth import NO, UNKNOWN, YES

__all__ = ["Function", "Root", "Written"]

#: ``ask(values, lists, today)``: an outcome word.
Function = Callable[[Any, Any, date], str]

#: What the law of one stretch of days has become: a diagram, or a function that answers in another way.
Root = Ask[str] | Tell[str] | Function

_OPERATORS = {"is": "==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
#: Nodes that are written out wherever they are reached; nodes that are never worth a call; levels of nested ifs.
_INLINE, _SMALL, _DEEPEST = 400, 8, 20
#: Nodes of one row condition, and of all diagrams with the row conditions of each, beyond which code grows too large.
_LARGEST_ROW, _LARGEST = 200, 6_000


#: Fact, or its day -> the local that holds it.
_Locals = dict[object, str]

#: Statements for what a diagram settles.
_Settle = Callable[[Any], list[str]]


class Written:
    """Functions under construction.

    ``kind_of(name, list)`` is the type of a fact or field; ``formulas`` made the diagrams; ``open_`` answers where one
    leaves the outcome open.
    """

    def __init__(self, source: Source, kind_of: Callable[[str, str], str], formulas: Formulas, open_: Function) -> None:
        self._source = source
        self._kind_of = kind_of
        self._formulas = formulas
        self._scope: dict[str, Any] = {"compare": compare_values, "day": day_of, "no_rows": Rows()}
        self._constants: dict[tuple[type, Any], str] = {}
        self._rows: Diagrams[int] = Diagrams(formulas, rank_of)
        self._sizes: dict[int, int] = {}
        self._functions: dict[int, str] = {}
        self._pending: list[tuple[str, Ask[str] | Tell[str]]] = []
        self._lines: list[str] = []
        self._count = 0
        self._parents: Counter[int] = Counter()
        self._inline = True
        self._open = open_

    def function(self, edges: Sequence[date], roots: Sequence[Root]) -> Function:
        """One function over all stretches of days; ``roots[i]`` is the law before ``edges[i]``, the last after all."""
        diagrams = [r for r in dict.fromkeys(roots) if isinstance(r, Ask | Tell)]
        seen: set[int] = set()
        for root in diagrams:
            self._count_parents(root, seen)
        self._inline = sum(self._size(r) for r in diagrams) <= _INLINE
        self._lines.append("def ask(values, lists, today):")
        self._by_day(list(edges), list(roots), 1)
        while self._pending:
            name, node = self._pending.pop()
            self._lines.append(f"def {name}(values, lists, today):")
            self._write(node, 1, {}, self._tell, "", "")
        exec(compile("\n".join(self._lines) + "\n", "<law>", "exec"), self._scope)
        made: Function = self._scope["ask"]
        return made

    def fits(self, root: Ask[str] | Tell[str]) -> bool:
        """Whether a diagram is small enough to be written."""
        total, pending, seen = 0, [root], set[int]()
        try:
            while pending:
                node = pending.pop()
                if isinstance(node, Tell) or id(node) in seen:
                    continue
                seen.add(id(node))
                total += 1
                if isinstance(node.issue, Found):
                    rows = self._size(self._row_diagram(node.issue))
                    if rows > _LARGEST_ROW:
                        return False
                    total += rows
                pending += [child for _, child in node.then]
        except TooLarge:
            return False
        return total <= _LARGEST

    @property
    def text(self) -> str:
        """The source written so far."""
        return "\n".join(self._lines)

    # -- small things -----------------------------------------------------------------------------------------------

    def _fresh(self, letter: str = "v") -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def _constant(self, value: object) -> str:
        key = (type(value), value)
        name = self._constants.get(key)
        if name is None:
            name = self._constants[key] = self._fresh("k")
            self._scope[name] = value
        return name

    def _emit(self, text: str, depth: int) -> None:
        self._lines.append("    " * depth + text)

    def _tell(self, word: str) -> list[str]:
        if word:
            return [f"return {self._constant(word)}"]
        return [f"return {self._constant(self._open)}(values, lists, today)"]

    def _count_parents(self, node: Ask[Any] | Tell[Any], seen: set[int]) -> None:
        self._parents[id(node)] += 1
        if isinstance(node, Ask) and id(node) not in seen:
            seen.add(id(node))
            for child in {id(c): c for _, c in node.then}.values():
                self._count_parents(child, seen)

    def _size(self, node: Ask[Any] | Tell[Any]) -> int:
        """How many nodes the diagram has when it is written out as a tree."""
        if isinstance(node, Tell):
            return 1
        known = self._sizes.get(id(node))
        if known is None:
            known = 1 + sum(self._size(c) for c in {id(c): c for _, c in node.then}.values())
            if isinstance(node.issue, Found):
                known += self._size(self._row_diagram(node.issue))
            self._sizes[id(node)] = known
        return known

    def _row_diagram(self, search: Found) -> Ask[int] | Tell[int]:
        return self._rows.of((search.where,))

    # -- days and diagrams ------------------------------------------------------------------------------------------

    def _by_day(self, edges: list[date], roots: list[Root], depth: int) -> None:
        if not edges:
            root = roots[0]
            if isinstance(root, Ask | Tell):
                self._go(root, depth, {}, self._tell, "", "")
            else:
                self._emit(f"return {self._constant(root)}(values, lists, today)", depth)
            return
        middle = len(edges) // 2
        self._emit(f"if today < {self._constant(edges[middle])}:", depth)
        self._by_day(edges[:middle], roots[: middle + 1], depth + 1)
        self._by_day(edges[middle + 1 :], roots[middle + 1 :], depth)

    def _go(self, node: Any, depth: int, known: _Locals, settle: _Settle, list_: str, row: str) -> None:
        """Write a node here, or a call of the function that holds it."""
        own = not row and isinstance(node, Ask) and self._size(node) > _SMALL
        if own and (depth > _DEEPEST or (not self._inline and self._parents[id(node)] > 1)):
            name = self._functions.get(id(node))
            if name is None:
                name = self._functions[id(node)] = self._fresh("f")
                self._pending.append((name, node))
            self._emit(f"return {name}(values, lists, today)", depth)
        else:
            self._write(node, depth, dict(known), settle, list_, row)

    def _write(self, node: Any, depth: int, known: _Locals, settle: _Settle, list_: str, row: str) -> None:
        if isinstance(node, Tell):
            for line in settle(node.found):
                self._emit(line, depth)
            return
        issue, then = node.issue, dict(node.then)
        given: tuple[str, ...] = ()
        match issue:
            case Said(name, yes_no):
                local = self._value(name, depth, known, list_, row, keep=_tests(then, yes_no) > 1)
                tests = _yes_no_tests(then, local) if yes_no else self._word_tests(then, local)
            case Holds(condition):
                given, test = self._test(condition, depth, known, list_, row)
                unknown = " or ".join(f"{x} is None" for x in given if (x, "given") not in known)
                tests = _rank_tests(then, unknown, test)
            case Found():
                self._search(issue, then, depth, known)
                return
        for test, child in tests:
            if test:
                self._emit(f"if {test}:", depth)
            surely = dict(known)
            if not isinstance(issue, Said) and child is not then[UNKNOWN]:
                surely.update(((x, "given"), x) for x in given)
            self._go(child, depth + 1 if test else depth, surely, settle, list_, row)

    def _word_tests(self, then: Mapping[Answer, Any], local: str) -> list[tuple[str, Any]]:
        """Values that lead to one place are tested together; what no formula names comes last."""
        groups: dict[int, tuple[list[object], Any]] = {}
        for answer, child in then.items():
            groups.setdefault(id(child), ([], child))[0].append(answer)
        tests: list[tuple[str, Any]] = []
        last: Any = None
        late: list[tuple[str, Any]] = []
        for answers, child in groups.values():
            values = [a for a in answers if a is not OTHER and a is not NOT_SAID]
            if OTHER in answers:
                last = child
            elif NOT_SAID in answers:
                parts = [f"{local} is None", *([self._among(local, values)] if values else [])]
                late.append((" or ".join(parts), child))
            else:
                tests.append((self._among(local, values), child))
        return [*tests, *late, ("", last)]

    def _among(self, local: str, values: list[object]) -> str:
        if len(values) == 1:
            return f"{local} == {self._constant(values[0])}"
        return f"{local} in {self._constant(frozenset(values))}"

    # -- values and comparisons -------------------------------------------------------------------------------------

    def _value(self, name: Name, depth: int, known: _Locals, list_: str, row: str, *, keep: bool = True) -> str:
        """Source that reads a value; with ``keep`` a local that holds it."""
        if name.name == LAW_DATE and not name.row:
            return "today"
        local = known.get(name)
        if local is not None:
            return local
        if name.row:
            text = self._source.field(list_, name.name, row, self._constant)
        else:
            text = self._source.fact(name.name, self._constant)
        if not keep:
            return text
        local = known[name] = self._fresh()
        self._emit(f"{local} = {text}", depth)
        return local

    def _day_of(self, value: Value, depth: int, known: _Locals, list_: str, row: str) -> str:
        """A local or constant that holds a day, or None."""
        if isinstance(value, Literal):
            return self._constant(value.value)
        local = self._value(value, depth, known, list_, row)
        if local == "today" or self._kind(value, list_) == "date":
            return local
        key = (value, "day")
        made = known.get(key)
        if made is None:
            made = known[key] = self._fresh()
            self._emit(f"{made} = day({local})", depth)
        return made

    def _kind(self, name: Name, list_: str) -> str:
        return self._kind_of(name.name, list_ if name.row else "")

    def _test(
        self, condition: Compare | Within | Includes, depth: int, known: _Locals, list_: str, row: str
    ) -> tuple[tuple[str, ...], str]:
        """The locals that may be None, and the comparison of known values."""
        match condition:
            case Includes(left, members):
                local = self._value(left, depth, known, list_, row)
                if len(members) == 1:
                    return (local,), f"{self._constant(members[0])} in {local}"
                return (local,), f"not {self._constant(frozenset(members))}.isdisjoint({local})"
            case Within(left, amount, unit, anchor, after, strict):
                day = self._day_of(left, depth, known, list_, row)
                near = self._day_of(anchor, depth, known, list_, row)
                far = f"{self._far_ends(amount if after else -amount, unit)}[{near}]"
                beyond = "<" if strict else "<="
                test = f"{near} <= {day} {beyond} {far}" if after else f"{far} {beyond} {day} <= {near}"
                return _perhaps_none(day, near), test
            case Compare(op, left, Literal(value)) if not isinstance(value, date):
                local = self._value(left, depth, known, list_, row)
                return _perhaps_none(local), f"{local} {_OPERATORS[op]} {self._constant(value)}"
            case Compare(op, left, right):
                kinds = {self._kind(v, list_) for v in (left, right) if isinstance(v, Name) and v.name != LAW_DATE}
                by_day = isinstance(right, Literal) or LAW_DATE in (left.name, right.name)
                if "moment" in kinds and not by_day:
                    first, second = (self._plain(v, depth, known, list_, row) for v in (left, right))
                    return _perhaps_none(first, second), f"compare({self._constant(op)}, {first}, {second})"
                read = self._day_of if by_day or "date" in kinds else self._plain
                first, second = (read(v, depth, known, list_, row) for v in (left, right))
                return _perhaps_none(first, second), f"{first} {_OPERATORS[op]} {second}"

    def _plain(self, value: Value, depth: int, known: _Locals, list_: str, row: str) -> str:
        assert isinstance(value, Name)
        return self._value(value, depth, known, list_, row)

    def _far_ends(self, amount: int, unit: str) -> str:
        key = (FarEnds, (amount, unit))
        name = self._constants.get(key)
        if name is None:
            name = self._constants[key] = self._fresh("k")
            self._scope[name] = FarEnds(amount, unit)
        return name

    # -- lists ------------------------------------------------------------------------------------------------------

    def _search(self, search: Found, then: Mapping[Answer, Any], depth: int, known: _Locals) -> None:
        """A pass over the rows of a list, left as soon as the answer is yes."""
        where = self._row_diagram(search)
        rows, unsure = self._fresh(), self._fresh()
        self._emit(f"{rows} = {self._source.rows(search.list, self._constant)}", depth)
        at_least = search.count > 1
        if at_least:
            found, needed = self._fresh(), self._constant(search.count)
            self._emit(f"{found} = {unsure} = 0", depth)
            yes = [f"{found} += 1", f"if {found} >= {needed}: break", "continue"]
            maybe = [f"{unsure} += 1", "continue"]
            open_ = f"{found} + {unsure} >= {needed} or not {rows}.complete"
        else:
            self._emit(f"{unsure} = False", depth)
            yes, maybe = ["break"], [f"{unsure} = True", "continue"]
            open_ = f"{unsure} or not {rows}.complete"
        for name in _case_values(where):
            self._day_of(name, depth, known, "", "")
        row = self._fresh("r")
        self._emit(f"for {row} in {rows}.rows:", depth)
        settle = {YES: yes, UNKNOWN: maybe, NO: ["continue"]}
        self._write(where, depth + 1, dict(known), settle.__getitem__, search.list, row)
        self._emit("else:", depth)
        if then[UNKNOWN] is not then[NO]:
            self._emit(f"if {open_}:", depth + 1)
            self._go(then[UNKNOWN], depth + 2, known, self._tell, "", "")
        self._go(then[NO], depth + 1, known, self._tell, "", "")
        self._go(then[YES], depth, known, self._tell, "", "")


def _perhaps_none(*locals_: str) -> tuple[str, ...]:
    """Constants and the law date are never unknown."""
    return tuple([x for x in locals_ if x != "today" and not x.startswith("k")])


def _tests(then: Mapping[Answer, Any], yes_no: bool) -> int:
    """How often the value is looked at."""
    children = {id(c) for c in then.values()}
    if yes_no and then[True] is then[False]:
        return 2
    return len(children) - 1 if yes_no else len(then)


def _yes_no_tests(then: Mapping[Answer, Any], local: str) -> list[tuple[str, Any]]:
    yes, no, unknown = then[True], then[False], then[NOT_SAID]
    if yes is no:
        return [(f"{local} is True or {local} is False", yes), ("", unknown)]
    if unknown is no:
        return [(f"{local} is True", yes), ("", no)]
    if unknown is yes:
        return [(f"{local} is False", no), ("", yes)]
    return [(f"{local} is True", yes), (f"{local} is False", no), ("", unknown)]


def _rank_tests(then: Mapping[Answer, Any], unknown: str, test: str) -> list[tuple[str, Any]]:
    yes, no, open_ = then[YES], then[NO], then[UNKNOWN]
    if not unknown:
        return [(test, yes), ("", no)]
    if yes is no:
        return [(unknown, open_), ("", yes)]
    if open_ is no:
        return [(f"not ({unknown}) and {test}", yes), ("", no)]
    if open_ is yes:
        return [(f"{unknown} or {test}", yes), ("", no)]
    return [(unknown, open_), (test, yes), ("", no)]


def _case_values(node: Ask[int] | Tell[int]) -> Iterable[Name]:
    """Facts of the case that comparisons of a row condition need, the law date left out."""
    found: dict[Name, None] = {}
    pending: list[Ask[int] | Tell[int]] = [node]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if not isinstance(one, Ask) or id(one) in seen:
            continue
        seen.add(id(one))
        pending += [child for _, child in one.then]
        if isinstance(one.issue, Holds):
            condition = one.issue.condition
            values: list[Value] = [condition.left]
            if not isinstance(condition, Includes):
                values.append(condition.anchor if isinstance(condition, Within) else condition.right)
            found.update((v, None) for v in values if isinstance(v, Name) and not v.row and v.name != LAW_DATE)
    return found
