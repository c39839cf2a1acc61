"""``comity``: the command line.  Commands are imported when called, so that a cold start stays short."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
from typing import Any

import click

from comity import __version__
from comity.cli.exits import BAD_INPUT, INTERRUPTED
from comity.cli.screen import show_problems
from comity.problems import ComityError

__all__ = ["cli", "main"]

#: Command -> (module, one line for --help).
COMMANDS = {
    "decide": ("comity.cli.decide", "answer one case"),
    "ask": ("comity.cli.ask", "answer by interview: only questions that can still change something"),
    "audit": ("comity.cli.audit", "judge a table of records, each case under the law of its day"),
    "law": ("comity.cli.law", "what binds an agency, rule by rule, and what changed when"),
    "prove": ("comity.cli.prove", "prove claims about every possible case, or show the case that breaks one"),
    "diff": ("comity.cli.diff", "prove two laws alike for every case, or list the cases that differ"),
    "review": ("comity.cli.review", "look over all law for conflicts, gaps and norms that never matter"),
    "check": ("comity.cli.check", "run every example of a library and measure coverage by rule"),
    "sample": ("comity.cli.sample", "write made-up records, plainly marked, for trials and benchmarks"),
    "fmt": ("comity.cli.fmt", "print law files in their one canonical form"),
    "doctor": ("comity.cli.doctor", "versions, library, cache, and what is missing on this machine"),
    "completion": ("comity.cli.completion", "shell completion for bash, zsh or fish"),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from comity.problems import nearest

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = nearest(args[0], COMMANDS)
            ctx.fail(f"there is no command '{args[0]}'" + (f"; did you mean '{near}'?" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="comity %(version)s")
def cli() -> None:
    """The law on cooperation between local police and federal immigration authorities, asked one case at a time.

    Not legal advice.
    """


def main() -> None:
    """Run the command line; bad input ends with a sentence and an exit code, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without our shapes shows "?" for them; the words beside them say the same.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        cli(standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except ComityError as error:
        show_problems(error.problems)
        sys.exit(BAD_INPUT)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        # The reader of our output went away (``| head``): nothing is wrong with us.
        _drop_output()
        sys.exit(0)
    except OSError as error:
        click.echo(f"error: the output cannot be written: {(error.strerror or 'unknown reason').lower()}", err=True)
        _drop_output()
        sys.exit(BAD_INPUT)


def _drop_output() -> None:
    """Point standard output at nothing, so that the interpreter's last flush has nothing to complain of."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
