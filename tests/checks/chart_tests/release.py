"""The chart's value sets, and what they render to."""

from copy import deepcopy
from functools import cache, wraps
from pathlib import Path

import helm_python as helm
import yaml

CHART = Path(__file__).resolve().parents[3] / "helm" / "analytics-service"
TIERS = ("ingest", "query")
COMPONENTS = (*TIERS, "migration")
PROFILES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((CHART / "profiles").glob("*.yaml"))}
VALUE_SETS = PROFILES | {
    path.name.removesuffix("-values.yaml"): yaml.safe_load(path.read_text())
    for path in sorted((CHART / "ci").glob("*-values.yaml"))
}


def with_values(changes, value_set="minimal"):
    """A value set with some values changed: {"ingest.replicas": 3}."""
    values = deepcopy(VALUE_SETS[value_set])
    for path, value in changes.items():
        *parents, key = path.split(".")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = deepcopy(value)
    return values


def with_value(path, value):
    """The least that installs, with one value changed: "ingest.replicas", 3."""
    return with_values({path: value})


@cache
def loaded_chart():
    return helm.Chart.load(CHART)


class Release:
    """What a value set renders to, found by kind and component."""

    def __init__(self, values, name="demo"):
        files = loaded_chart().render(values, name=name, namespace="analytics")
        self.files = files
        self.notes = files.pop("analytics-service/templates/NOTES.txt")
        self.text = "\n---\n".join(files.values())
        self.objects = [
            found for text in files.values() for found in yaml.load_all(text, yaml.CSafeLoader) if found
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

    def has(self, component):
        kinds = self.all("Job" if component == "migration" else "Deployment")
        return any(it["metadata"]["labels"]["app.kubernetes.io/component"] == component for it in kinds)

    def workload(self, component):
        return self.one("Job" if component == "migration" else "Deployment", component)

    def pod(self, component):
        return self.workload(component)["spec"]["template"]

    def container(self, component):
        containers = self.pod(component)["spec"]["containers"]
        (container,) = (found for found in containers if found["name"] == component)
        return container

    def env(self, component):
        return {entry["name"]: entry for entry in self.container(component).get("env", [])}

    def backends(self):
        """Path to (path type, Service's name), the same of every host."""
        backends = [
            {
                path["path"]: (path["pathType"], path["backend"]["service"]["name"])
                for path in rule["http"]["paths"]
            }
            for ingress in self.all("Ingress")
            for rule in ingress["spec"]["rules"]
        ]
        return {path: backend for found in backends for path, backend in found.items()}


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
