"""The entry point of the command line, for ``sdmxmig`` and ``python -m sdmxmig``."""

import gc
import sys


def main() -> None:
    """Run the command line; an interruption during loading ends it silently."""
    # commands create few cycles and end soon; one search among the objects of a catalogue takes 0.1 s
    gc.set_threshold(1_000_000, 20, 50)
    try:
        from sdmxmig.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.exit(2)
    finally:
        gc.freeze()  # Python would look for garbage at the end, which takes half a second with a catalogue in memory


if __name__ == "__main__":
    main()
