"""The chart's value sets, and what they render to."""

from copy import deepcopy
from functools import cache, wraps
from pathlib import Path

import helm_python as helm
import yaml

CHART = Path(__file__).resolve().parents[3] / "helm" / "analytics-service"
TIERS = ("ingest", "query")
COMPONENTS = (*TIERS, "migration")
VALUE_SETS = {
    path.name.removesuffix("-values.yaml"): yaml.safe_load(path.read_text())
    for path in sorted((CHART / "ci").glob("*-values.yaml"))
}


def with_value(path, value):
    """The least that installs, with one value changed: "ingest.replicas", 3."""
    values = deepcopy(VALUE_SETS["required"])
    *parents, key = path.split(".")
    place = values
    for parent in parents:
        place = place.setdefault(parent, {})
    place[key] = value
    return values


class Release:
    """What a value set renders to, found by kind and component."""

    def __init__(self, values):
        with helm.Chart.load(CHART) as chart:
            files = chart.render(values, name="demo", namespace="analytics")
        self.notes = files.pop("analytics-service/templates/NOTES.txt")
        self.text = "\n---\n".join(files.values())
        self.objects = [
            found for text in files.values() for found in yaml.safe_load_all(text) if found
        ]

    def all(self, kind):
        return [found for found in self.objects if found["kind"] == kind]

    def one(self, kind, component):
        (found,) = (
            candidate
            for candidate in self.all(kind)
            if candidate["metadata"]["labels"]["app.kubernetes.io/component"] == component
        )
        return found

    def workload(self, component):
        return self.one("Job" if component == "migration" else "Deployment", component)

    def pod(self, component):
        return self.workload(component)["spec"]["template"]

    def container(self, component):
        (container,) = self.pod(component)["spec"]["containers"]
        return container

    def env(self, component):
        return {entry["name"]: entry for entry in self.container(component).get("env", [])}

    def backends(self):
        """Path to (path type, Service's name) of the Ingress."""
        (ingress,) = self.all("Ingress")
        (rule,) = ingress["spec"]["rules"]
        return {
            path["path"]: (path["pathType"], path["backend"]["service"]["name"])
            for path in rule["http"]["paths"]
        }


@cache
def rendered(value_set):
    return Release(VALUE_SETS[value_set])


def in_every_release(test):
    """Runs a test once for each value set; a failure names the one it was."""

    @wraps(test)
    def run(self):
        for name in VALUE_SETS:
            with self.subTest(values=name):
                test(self, rendered(name))

    return run


def for_each(components):
    """Runs a test once for each value set and each of the components."""

    def decorate(test):
        @wraps(test)
        def run(self):
            for name in VALUE_SETS:
                for component in components:
                    with self.subTest(values=name, component=component):
                        test(self, rendered(name), component)

        return run

    return decorate
