"""Checks the Helm chart with Helm's own engine and Kubernetes' own schemas.

    dev/python tests/checks/chart.py
    dev/python tests/checks/chart.py --renew

`--renew` writes the generated files first: the table of values in the chart's README, the descriptions in its
values.schema.json, and the golden files of its profiles. No cluster and no network are needed. The value sets are
those of the chart's `profiles/` and `ci/` folders.
"""

import sys
import unittest
from pathlib import Path


def load_tests(loader, _tests, _pattern):
    here = Path(__file__).parent
    return loader.discover(here / "chart_tests", pattern="[a-z]*.py", top_level_dir=here)


if __name__ == "__main__":
    if "--renew" in sys.argv:
        from chart_tests.generated import renew

        sys.argv.remove("--renew")
        renew()
    unittest.main()
