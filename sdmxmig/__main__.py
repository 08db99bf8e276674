"""Run the command line with ``python -m sdmxmig``."""

from sdmxmig.cli import main

if __name__ == "__main__":
    main()
