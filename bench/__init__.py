"""Figures, as ratios measured in one run: `make bench`."""

import sys
from pathlib import Path

# The servers of the tests are the servers of the figures.
sys.path.append(str(Path(__file__).parents[1] / "tests"))
