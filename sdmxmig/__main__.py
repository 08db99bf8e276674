"""The entry point of the command line, for ``sdmxmig`` and ``python -m sdmxmig``."""

import sys


def main() -> None:
    """Run the command line; an interruption while it is still being loaded ends it without a word."""
    try:
        from sdmxmig.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.exit(2)


if __name__ == "__main__":
    main()
