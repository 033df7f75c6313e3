"""What every rendering of the chart has in common."""

import unittest

import helm_python as helm
import kubernetes_validate

from .release import CHART, VALUE_SETS, Release, in_every_release, rendered, with_value

OLDEST_KUBERNETES = "1.27"


class Validity(unittest.TestCase):
    def test_lint_finds_no_error_and_no_warning(self):
        for name, values in VALUE_SETS.items():
            with self.subTest(values=name):
                report = helm.lint(CHART, values, strict=True)
                self.assertEqual(report["errors"], [])
                self.assertEqual([m for m in report["messages"] if m["severity"] > 1], [])

    @in_every_release
    def test_every_object_fits_the_schemas_of_old_and_new_kubernetes(self, release):
        for version in (OLDEST_KUBERNETES, kubernetes_validate.latest_version()):
            for found in release.objects:
                with self.subTest(version=version, kind=found["kind"]):
                    kubernetes_validate.validate(found, version, strict=True)

    def test_a_release_has_exactly_these_objects(self):
        def kinds(release):
            return sorted(found["kind"] for found in release.objects)

        least = ["Deployment"] * 2 + ["Job"] + ["Service"] * 2 + ["ServiceAccount"] * 2
        self.assertEqual(kinds(rendered("required")), least)
        self.assertEqual(kinds(rendered("tls")), sorted([*least, "Ingress"]))

    def test_names_fit_even_after_a_long_release_name(self):
        values = with_value("fullnameOverride", "n" * 200)
        for found in Release(values).objects:
            self.assertLessEqual(len(found["metadata"]["name"]), 63)
