"""Checks the Helm chart with Helm's own engine and Kubernetes' own schemas.

    dev/python tests/checks/chart.py

No cluster and no network are needed. The value sets are those of the chart's
`ci/` folder.
"""

import unittest
from pathlib import Path


def load_tests(loader, _tests, _pattern):
    here = Path(__file__).parent
    return loader.discover(here / "chart_tests", pattern="[a-z]*.py", top_level_dir=here)


if __name__ == "__main__":
    unittest.main()
