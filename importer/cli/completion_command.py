"""`importer completion`: lets a shell complete commands, options and values."""

import click
from click.shell_completion import get_completion_class

from importer.cli import ExitCode, show
from importer.cli.spelling import one_of

_COMMAND_LINES = """\b
bash:  importer completion bash >> ~/.bashrc
zsh:   importer completion zsh >> ~/.zshrc
fish:  importer completion fish > ~/.config/fish/completions/importer.fish"""
_HELP = f"""Let a shell complete commands, options and values with the Tab key.

Prints the script that does it. Put it where your shell finds it, and open a new terminal:

{_COMMAND_LINES}
"""


@click.command(help=_HELP, epilog="Example:  importer completion bash >> ~/.bashrc")
@click.argument("shell", type=one_of("bash", "zsh", "fish"), metavar="bash|zsh|fish")
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the script of a shell."""
    made = get_completion_class(shell)
    if made is None:
        raise click.BadParameter(shell)
    show(made(context.find_root().command, {}, "importer", "_IMPORTER_COMPLETE").source())
    return ExitCode.FINE
