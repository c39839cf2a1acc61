"""A clause as words with places.

A word runs to the next space, comma or bracket; a bracket that touches the word before it belongs to that word, so
``7284.6(a)(4)`` is one word and ``(a or b)`` is brackets around a group.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.problems import ComityError, Problem, Span

__all__ = ["Cursor", "Line", "Word", "split_words", "unreadable"]


@dataclass(frozen=True, slots=True)
class Line:
    """One source line: its text without the indent, and where it starts."""

    text: str
    file: str
    number: int
    column: int

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The place of ``text[start:end]``."""
        stop = len(self.text) if end is None else end
        return Span(self.file, self.number, self.column + start, self.column + stop)


@dataclass(frozen=True, slots=True)
class Word:
    """One word, comma or bracket."""

    text: str
    span: Span


def split_words(lines: list[Line]) -> list[Word]:
    """All words of some lines, in order."""
    words: list[Word] = []
    for line in lines:
        text, i = line.text, 0
        while i < len(text):
            if text[i].isspace():
                i += 1
                continue
            start, depth = i, 0
            if text[i] in "(),":
                i += 1
            else:
                while i < len(text) and not text[i].isspace():
                    if text[i] == "(":
                        depth += 1
                    elif text[i] == ")":
                        if depth == 0:
                            break
                        depth -= 1
                    elif text[i] == "," and depth == 0:
                        break
                    i += 1
            words.append(Word(text[start:i], line.span(start, i)))
    return words


def unreadable(message: str, span: Span | None, help: str = "") -> ComityError:
    """The problem "text that cannot be read as law" as an exception."""
    return ComityError([Problem("CM110", message, span, help=help)])


_EXPECTED = {
    ")": "close the bracket that stands open",
    "where": "a condition about a list is written 'any conviction where …'",
}


class Cursor:
    """A place in a list of words; the only mutable thing in the parser."""

    def __init__(self, words: list[Word], end: Span) -> None:
        self._words = words
        self._end = end
        self._at = 0

    def peek(self, ahead: int = 0) -> str:
        """The word ``ahead`` places on, or "" at the end."""
        at = self._at + ahead
        return self._words[at].text if at < len(self._words) else ""

    def span(self) -> Span:
        """Where the next word stands, or the end of the clause."""
        return self._words[self._at].span if self._at < len(self._words) else self._end

    def take(self) -> Word:
        """The next word, passed over."""
        if self._at >= len(self._words):
            raise unreadable("the clause ends too early", self._end, "finish the condition on the lines below")
        self._at += 1
        return self._words[self._at - 1]

    def accept(self, *texts: str) -> bool:
        """Pass over exactly these words if they come next."""
        if all(self.peek(i) == text for i, text in enumerate(texts)):
            self._at += len(texts)
            return True
        return False

    def expect(self, text: str) -> None:
        """Pass over ``text`` or say that it is missing."""
        if not self.accept(text):
            found = f"'{self.peek()}'" if self.peek() else "the end of the clause"
            help_ = _EXPECTED.get(text, "")
            raise unreadable(f"expected '{text}' but found {found}", self.span(), help_)

    def done(self) -> bool:
        """Whether every word is read."""
        return self._at >= len(self._words)
