"""``sdmxmig completion``: shell completion."""

from __future__ import annotations

import click

from sdmxmig.cli.talk import say, show_text

INSTALLED_IN = {
    "bash": "~/.bashrc",
    "zsh": "~/.zshrc",
    "fish": "~/.config/fish/completions/sdmxmig.fish",
}
"""The shells, and the file in which each of them looks."""


@click.command("completion")
@click.argument("shell", type=click.Choice(list(INSTALLED_IN)))
def completion_command(shell: str) -> None:
    """Print the script that lets a SHELL complete commands, options and choices with the Tab key.

    Append it to the start-up file of the shell, and open a new terminal.

    \b
    Examples:
      sdmxmig completion bash >> ~/.bashrc
      sdmxmig completion zsh >> ~/.zshrc
      sdmxmig completion fish > ~/.config/fish/completions/sdmxmig.fish
    """
    from click.shell_completion import get_completion_class

    from sdmxmig.cli import cli

    completion = get_completion_class(shell)
    assert completion is not None  # noqa: S101 - click knows these shells
    show_text(completion(cli, {}, "sdmxmig", "_SDMXMIG_COMPLETE").source())
    say(f"Save it in {INSTALLED_IN[shell]}.")
