"""YAML as a tree of places: every problem of a file is noted with its line, none stops at the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import yaml

from comity.problems import ComityError, Problem, Span, nearest

__all__ = ["Nodes", "compose"]

_DEEPEST = 20
_LARGEST = 4_000_000
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Nodes:
    """One pass over the nodes of a file; collects problems (CM711 to CM714)."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def fail(self, code: str, message: str, node: yaml.Node, help: str = "") -> None:
        """Note a problem at a node."""
        start, end = node.start_mark, node.end_mark
        stop = end.column + 1 if end.line == start.line else start.column + 2
        span = Span(self.file, start.line + 1, start.column + 1, max(stop, start.column + 2))
        # A cell quoted in the message may hold line ends.
        self.problems.append(Problem(code, " ".join(message.split()), span, help=" ".join(help.split())))

    def pairs(self, node: yaml.Node, what: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """Keys and values of a set of keys; a key given twice is a problem."""
        if is_empty(node):
            return
        if not isinstance(node, yaml.MappingNode):
            self.fail("CM712", f"{what} is not a set of keys", node, "write 'key: value' lines below it")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fail("CM711", "a key must be plain words", key)
                continue
            name = " ".join(key.value.split())
            if name in seen:
                self.fail("CM713", f"'{name}' is given twice", key, "keep one of them")
                continue
            seen.add(name)
            yield name, key, value

    def keys(self, node: yaml.Node, what: str, known: Iterable[str]) -> dict[str, yaml.Node]:
        """The values by key; a key that is not known is a problem."""
        found: dict[str, yaml.Node] = {}
        names = list(known)
        for name, key, value in self.pairs(node, what):
            if name in names:
                found[name] = value
            else:
                near = nearest(name, names)
                help_ = f"did you mean '{near}'?" if near else f"keys are {', '.join(names)}"
                self.fail("CM711", f"{what} has no key called '{name}'", key, help_)
        return found

    def text(self, node: yaml.Node, what: str) -> str:
        """One plain value, trimmed; "" when it is something else, and a problem is noted."""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value).strip()
        self.fail("CM712", f"'{what}' must be one plain value", node)
        return ""

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        """One plain value, or a list of them."""
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.text(item, what) for item in node.value)
        return (self.text(node, what),)

    def names(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        """Like ``texts``, but none may be empty."""
        found = self.texts(node, what)
        if not found or "" in found:
            self.fail("CM712", f"'{what}' names nothing", node, "write a column name, or a list of them")
        return tuple(name for name in found if name)

    def choice(self, node: yaml.Node, what: str, words: Iterable[str]) -> str:
        """One of several words."""
        text, known = self.text(node, what), list(words)
        if text not in known:
            near = nearest(text, known)
            help_ = f"did you mean '{near}'?" if near else f"write one of {', '.join(known)}"
            self.fail("CM712", f"'{text}' is no word for '{what}'", node, help_)
            return known[0]
        return text

    def flag(self, node: yaml.Node, what: str) -> bool:
        """Yes or no."""
        return self.choice(node, what, ("yes", "no", "true", "false")) in ("yes", "true")


def is_empty(node: yaml.Node) -> bool:
    """Whether nothing stands there."""
    return isinstance(node, yaml.ScalarNode) and node.value in ("", "null", "~")


def compose(text: str, file: str) -> yaml.Node | None:
    """The tree of a YAML text; ComityError CM710 when it is none."""
    try:
        if len(text) > _LARGEST:
            raise _not_yaml(file, 1, "it is far longer than a mapping can be")
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                # An alias can stand for itself, or for ten copies of ten copies.
                raise _not_yaml(file, _line(event.start_mark), "it uses an alias (*); write the part out")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise _not_yaml(file, _line(event.start_mark), "it is nested far deeper than a mapping can be")
        return yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise _not_yaml(file, _line(mark), str(reason)) from None
    except (ValueError, RecursionError):
        raise _not_yaml(file, 1, "it cannot be read") from None


def _line(mark: object) -> int:
    return int(getattr(mark, "line", 0)) + 1


def _not_yaml(file: str, line: int, reason: str) -> ComityError:
    help_ = "check the indentation and quotes near here"
    return ComityError([Problem("CM710", f"this is not a mapping in YAML: {reason}", Span(file, line), help=help_)])
