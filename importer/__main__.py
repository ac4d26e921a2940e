"""`python -m importer`, and where the console script starts."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it like any other."""
    try:
        from importer.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
