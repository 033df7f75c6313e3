"""The manifests for CloudNativePG and the RabbitMQ Cluster Operator fit the profile `operators`.

No registry of packages has the types of these two operators. FIELDS names the fields that the manifests may use, with
their types, as CloudNativePG 1.30 and the RabbitMQ Cluster Operator of August 2026 define them: a misspelled or
misplaced field is found, a violation of the operators' other rules is not.
"""

import re
import unittest
from pathlib import Path

import yaml

from .release import CHART, PROFILES, rendered

ROOT = CHART.parents[1]
TEXTS = {"*": str}
RESOURCES = {"requests": TEXTS, "limits": TEXTS}
LOGIN = {"name": str, "login": bool, "inRoles": [str], "passwordSecret": {"name": str}}
FIELDS = {
    ("postgresql.cnpg.io/v1", "Cluster"): {
        "instances": int,
        "imageName": str,
        "bootstrap": {"initdb": {"database": str, "owner": str, "postInitApplicationSQL": [str]}},
        "certificates": {"serverAltDNSNames": [str]},
        "managed": {"roles": [LOGIN]},
        "postgresql": {"shared_preload_libraries": [str], "parameters": TEXTS},
        "resources": RESOURCES,
        "storage": {"size": str},
        "walStorage": {"size": str},
        "affinity": {"topologyKey": str},
    },
    ("postgresql.cnpg.io/v1", "Pooler"): {
        "cluster": {"name": str},
        "type": str,
        "instances": int,
        "pgbouncer": {"poolMode": str, "parameters": TEXTS},
    },
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): {
        "replicas": int,
        "persistence": {"storage": str},
        "resources": RESOURCES,
        "tls": {"secretName": str, "disableNonTLSListeners": bool},
        "rabbitmq": {"additionalConfig": str},
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [dict]}},
    },
}


def manifests():
    """Each object by its kind."""
    files = sorted((CHART.parent / "operators").glob("*.yaml"))
    return {it["kind"]: it for file in files for it in yaml.safe_load_all(file.read_text())}


def defects(value, expected, path="spec"):
    """The fields that are unknown or have another type."""
    if isinstance(expected, type):
        return [] if type(value) is expected else [f"{path}: {value!r}"]
    if not isinstance(value, type(expected)):
        return [f"{path}: {value!r}"]
    if isinstance(expected, list):
        return [it for n, entry in enumerate(value) for it in defects(entry, expected[0], f"{path}[{n}]")]
    found = []
    for name, entry in value.items():
        field = expected.get(name, expected.get("*"))
        found += defects(entry, field, f"{path}.{name}") if field else [f"{path}.{name}: unknown"]
    return found


class OperatorManifests(unittest.TestCase):
    def setUp(self):
        self.found = manifests()
        self.cluster = self.found["Cluster"]["spec"]
        self.profile = PROFILES["operators"]

    def test_they_use_known_fields_only(self):
        self.assertEqual({(it["apiVersion"], it["kind"]) for it in self.found.values()}, set(FIELDS))
        for it in self.found.values():
            self.assertEqual(set(it), {"apiVersion", "kind", "metadata", "spec"})
            self.assertEqual(defects(it["spec"], FIELDS[it["apiVersion"], it["kind"]]), [])

    def test_a_misspelled_field_and_a_number_instead_of_a_text_are_found(self):
        expected = FIELDS["postgresql.cnpg.io/v1", "Cluster"]
        self.assertEqual(defects({"instance": 3}, expected), ["spec.instance: unknown"])
        parameters = {"postgresql": {"parameters": {"max_connections": 300}}}
        self.assertEqual(defects(parameters, expected), ["spec.postgresql.parameters.max_connections: 300"])

    def test_the_profile_names_what_the_operators_create(self):
        name, database = self.found["Cluster"]["metadata"]["name"], self.profile["database"]
        self.assertEqual((database["host"], database["queryHost"]), (f"{name}-rw", f"{name}-ro"))
        self.assertEqual(database["name"], self.cluster["bootstrap"]["initdb"]["database"])
        self.assertEqual(self.profile["secrets"]["databaseCa"]["name"], f"{name}-ca")
        managed = {it["passwordSecret"]["name"] for it in self.cluster["managed"]["roles"] if it.get("login")}
        logins = {it["name"] for it in database["logins"].values()}
        self.assertEqual(logins, managed | {f"{name}-app"})
        self.assertEqual(self.found["Pooler"]["spec"]["cluster"]["name"], name)
        (peer,) = self.profile["networkPolicy"]["databaseTo"]
        self.assertEqual(peer["podSelector"]["matchLabels"], {"cnpg.io/cluster": name})

        broker = self.found["RabbitmqCluster"]["metadata"]
        self.assertEqual(self.profile["broker"]["host"], f"{broker['name']}.{broker['namespace']}.svc")
        self.assertEqual(self.profile["broker"]["login"]["name"], f"{broker['name']}-default-user")
        url = rendered("operators").env("ingest")["AMQP_URL"]["value"]
        self.assertTrue(url.startswith("amqps://"), "the plain port is closed")

    def test_each_login_is_in_one_of_the_roles_that_the_migration_grants_to(self):
        sql = (ROOT / "migration/src/m20261123_000001_initial/grants.sql").read_text()
        granted = set(re.findall(r"\banalytics_(?:ingest|query|sharing|bi)\b", sql))
        roles = self.cluster["managed"]["roles"]
        self.assertEqual({it["name"] for it in roles if not it.get("login")}, granted)
        memberships = [it["inRoles"] for it in roles if it.get("login")]
        self.assertEqual(sorted(memberships), [["analytics_ingest"], ["analytics_query"], ["analytics_sharing"]])

    def test_the_server_permits_the_connections_of_the_release(self):
        needed = int(re.search(r"migration: (\d+)\.", rendered("operators").notes)[1])
        # 3 are reserved for superusers, and the operator and its replicas have some.
        self.assertGreaterEqual(int(self.cluster["postgresql"]["parameters"]["max_connections"]), needed + 20)
        pooler = self.found["Pooler"]["spec"]
        pool = int(pooler["pgbouncer"]["parameters"]["default_pool_size"])
        logins = sum(1 for it in self.cluster["managed"]["roles"] if it.get("login"))
        through_pooler = pool * logins * pooler["instances"]
        self.assertLessEqual(through_pooler, int(self.cluster["postgresql"]["parameters"]["max_connections"]) - 20)
        self.assertGreaterEqual(int(pooler["pgbouncer"]["parameters"]["max_client_conn"]), needed)

    def test_timescaledb_is_loaded_and_created(self):
        self.assertIn("timescaledb", self.cluster["postgresql"]["shared_preload_libraries"])
        self.assertIn("CREATE EXTENSION timescaledb", self.cluster["bootstrap"]["initdb"]["postInitApplicationSQL"])
