"""Exit codes, documented in docs/cli.md."""

from __future__ import annotations

__all__ = ["BAD_INPUT", "DONE", "EXIT_CODES", "FAILED", "INTERRUPTED", "OPEN"]

DONE = 0
FAILED = 1
BAD_INPUT = 2
OPEN = 3
INTERRUPTED = 130

#: Code -> meaning, for every command.
EXIT_CODES: dict[int, str] = {
    DONE: "done; for decide: the answer is printed, for audit: the folder is written, whatever was found",
    FAILED: (
        "check, fmt --check or doctor found something to mend; prove: a claim is broken; "
        "diff --exit-code: something differs; "
        "decide --from-audit: the answer differs"
    ),
    BAD_INPUT: "the command line, a case file or the library cannot be used; nothing was written",
    OPEN: "decide --settled: a requested action needs a fact or counsel; prove, diff: something is undecided",
    INTERRUPTED: "stopped by Ctrl-C or by the end of input; nothing half-written is left",
}
