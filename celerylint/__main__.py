"""Run celerylint as ``python -m celerylint``."""

from celerylint.cli import main

if __name__ == "__main__":
    main()
