"""``comity completion``: what a shell needs to complete commands, options and ids."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

__all__ = ["command", "complete_agency", "complete_reference"]

_PROGRAM, _VARIABLE = "comity", "_COMITY_COMPLETE"

#: Shell -> how to install the script.
_INSTALL = {
    "bash": 'add to ~/.bashrc:  eval "$(comity completion bash)"',
    "zsh": 'add to ~/.zshrc, after compinit:  eval "$(comity completion zsh)"',
    "fish": "run once:  comity completion fish > ~/.config/fish/completions/comity.fish",
}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(_INSTALL)), metavar="SHELL")
def command(shell: str) -> None:
    """Print the completion script for SHELL: bash, zsh or fish.  Its last line says how to install it."""
    from comity.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None
    # The comment comes last: zsh wants its own first line first.
    click.echo(kind(cli, {}, _PROGRAM, _VARIABLE).source().strip())
    click.echo(f"# {_INSTALL[shell]}")


def complete_agency(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of agencies that begin so."""
    return [CompletionItem(id_, help=name) for id_, name in _agencies() if id_.startswith(incomplete)]


def complete_reference(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of instruments, actions and agencies that begin so."""
    import comity

    try:
        law = comity.load().law
    except Exception:
        # A completion that fails says nothing: the command itself will say what is wrong.
        return []
    found = [(i.id, i.title) for i in law.instruments] + [(a.id, a.meaning) for a in law.vocabulary.actions]
    return [CompletionItem(id_, help=text) for id_, text in [*found, *_agencies()] if id_.startswith(incomplete)]


def _agencies() -> list[tuple[str, str]]:
    import comity

    try:
        return [(a.id, a.name) for a in comity.load().law.agencies]
    except Exception:
        return []
