"""What the containers are told, and that secrets come by reference."""

import unittest

from .release import COMPONENTS, TIERS, Release, for_each, in_every_release, rendered, with_value
from .variants import variants


class Configuration(unittest.TestCase):
    def test_tiers_have_their_own_replicas_and_resources(self):
        values = with_value("query.resources", {"limits": {"memory": "2Gi"}})
        values["ingest"] = {"replicas": 7}
        release = Release(values)
        self.assertEqual(release.workload("ingest")["spec"]["replicas"], 7)
        self.assertEqual(release.workload("query")["spec"]["replicas"], 2)
        self.assertEqual(release.container("query")["resources"]["limits"]["memory"], "2Gi")
        self.assertEqual(release.container("ingest")["resources"]["limits"]["memory"], "512Mi")

    @for_each(COMPONENTS)
    def test_secrets_come_by_reference_only(self, release, component):
        self.assertEqual(release.all("Secret"), [])
        env = release.env(component)
        for name in {"JWT_SECRET", "SESSION_SECRET"} & set(env):
            self.assertEqual(list(env[name]["valueFrom"]), ["secretKeyRef"])
        # A URL is a reference, or contains no login, or references to one.
        for name in {"DATABASE_URL", "SHARE_DATABASE_URL", "AMQP_URL"} & set(env):
            if "value" in env[name]:
                login, _, _ = env[name]["value"].partition("://")[2].rpartition("@")
                references = [f"$({it}_USERNAME):$({it}_PASSWORD)" for it in ("BROKER", "SHARE")]
                self.assertIn(login, ["", *references])
            else:
                self.assertEqual(list(env[name]["valueFrom"]), ["secretKeyRef"])

    def test_logins_of_operators_are_put_together_in_the_pod(self):
        release = rendered("operators")
        hosts = {"ingest": "analytics-db-rw", "query": "analytics-db-ro", "migration": "analytics-db-rw"}
        for component, host in hosts.items():
            env = release.env(component)
            self.assertEqual(env["DATABASE_URL"]["value"], f"postgres://{host}:5432/app?sslmode=verify-full")
            self.assertEqual(env["PGUSER"]["valueFrom"]["secretKeyRef"]["key"], "username")
            self.assertEqual(env["PGPASSWORD"]["valueFrom"]["secretKeyRef"]["key"], "password")
        env = release.env("ingest")
        url = "amqps://$(BROKER_USERNAME):$(BROKER_PASSWORD)@rabbit.messaging.svc:5671"
        self.assertEqual(env["AMQP_URL"]["value"], url)
        # The kubelet replaces references to variables that precede.
        names = list(env)
        self.assertLess(names.index("BROKER_PASSWORD"), names.index("AMQP_URL"))

    def test_the_path_of_the_url_is_a_virtual_host_unless_it_is_the_default(self):
        env = variants()["broker in the clear"].env("ingest")
        self.assertEqual(
            env["AMQP_URL"]["value"], "amqp://$(BROKER_USERNAME):$(BROKER_PASSWORD)@rabbit.messaging.svc:5672/events"
        )

    def test_traces_name_the_pod_and_are_off_without_a_collector(self):
        self.assertNotIn("OTEL_", rendered("amqp").text)
        env = variants()["traces"].env("query")
        self.assertEqual(env["OTEL_SERVICE_NAME"]["value"], "demo-analytics-service-query")
        # The kubelet replaces references to variables that precede.
        attributes = "k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME)"
        self.assertEqual(env["OTEL_RESOURCE_ATTRIBUTES"]["value"], attributes)
        names = list(env)
        self.assertLess(names.index("POD_NAME"), names.index("OTEL_RESOURCE_ATTRIBUTES"))
        everything = rendered("everything")
        for tier in TIERS:
            env = everything.env(tier)
            self.assertEqual(env["OTEL_TRACES_SAMPLER_ARG"]["value"], "0.05")
            self.assertIn("deployment.environment.name=production", env["OTEL_RESOURCE_ATTRIBUTES"]["value"])
            self.assertEqual(env["OTEL_EXPORTER_OTLP_CERTIFICATE"]["value"], "/etc/analytics-service/traces-ca/ca.crt")
        self.assertNotIn("OTEL_EXPORTER_OTLP_ENDPOINT", everything.env("migration"))

    def test_extra_variables_replace_those_of_the_chart(self):
        env = variants()["replaced variables"].env("ingest")
        self.assertEqual(env["DATABASE_URL"], {"name": "DATABASE_URL", "value": "postgres://elsewhere/db"})

    def test_ports_are_the_same_with_ipv6(self):
        for tier in TIERS:
            env = variants()["IPv6"].env(tier)
            self.assertEqual(env["LISTEN_ADDR"]["value"], "[::]:8086")
            self.assertEqual(env["MANAGEMENT_ADDR"]["value"], "[::]:9086")

    def test_each_part_has_its_own_database_login(self):
        release = rendered("everything")
        for component in COMPONENTS:
            self.assertEqual(
                release.env(component)["DATABASE_URL"]["valueFrom"]["secretKeyRef"],
                {"name": f"{component}-db", "key": "url"},
            )

    @in_every_release
    def test_only_the_tiers_check_tokens(self, release):
        for tier in TIERS:
            self.assertIn("JWT_SECRET", release.env(tier))
        self.assertNotIn("JWT_SECRET", release.env("migration"))

    @in_every_release
    def test_only_query_has_sessions(self, release):
        self.assertIn("SESSION_SECRET", release.env("query"))
        for component in ("ingest", "migration"):
            self.assertNotIn("SESSION_SECRET", release.env(component))

    def test_only_query_has_the_login_of_share_links_and_only_if_it_is_named(self):
        everything = rendered("everything")
        reference = everything.env("query")["SHARE_DATABASE_URL"]["valueFrom"]["secretKeyRef"]
        self.assertEqual(reference, {"name": "share-db", "key": "url"})
        for component in ("ingest", "migration"):
            self.assertNotIn("SHARE_DATABASE_URL", everything.env(component))
        self.assertNotIn("SHARE_DATABASE_URL", rendered("minimal").env("query"))
        # Share links are written on the primary.
        env = rendered("operators").env("query")
        url = "postgres://$(SHARE_USERNAME):$(SHARE_PASSWORD)@analytics-db-rw:5432/app?sslmode=verify-full"
        self.assertEqual(env["SHARE_DATABASE_URL"]["value"], url)
        names = list(env)
        self.assertLess(names.index("SHARE_PASSWORD"), names.index("SHARE_DATABASE_URL"))

    def test_without_a_broker_ingest_gets_no_amqp_settings(self):
        self.assertNotIn("AMQP_", rendered("minimal").text)
        self.assertIn("HTTP only", rendered("minimal").notes)

    def test_with_a_broker_only_ingest_gets_its_settings(self):
        env = rendered("amqp").env("ingest")
        self.assertEqual(env["AMQP_URL"]["valueFrom"]["secretKeyRef"]["name"], "broker")
        self.assertEqual(env["AMQP_EXCHANGE"]["value"], "events")
        self.assertEqual(env["AMQP_QUEUE"]["value"], "analytics.queue")
        self.assertEqual(
            env["AMQP_BINDING_KEYS"]["value"],
            "event.published,registration.created,registration.cancelled,"
            "checkin.completed,payment.completed",
        )
        self.assertFalse([name for name in rendered("amqp").env("query") if "AMQP" in name])

    def test_the_log_format_reaches_all_three(self):
        for component in COMPONENTS:
            self.assertEqual(rendered("everything").env(component)["LOG_FORMAT"]["value"], "text")
            self.assertEqual(rendered("minimal").env(component)["LOG_FORMAT"]["value"], "json")

    def test_plain_values_reach_both_tiers(self):
        for tier in TIERS:
            env = rendered("everything").env(tier)
            self.assertEqual(env["DEFAULT_TIMEZONE"]["value"], "Europe/Berlin")
        self.assertEqual(rendered("everything").env("ingest")["LOG_FILTER"]["value"], "debug")

    def test_what_browsers_need_reaches_ingest_alone(self):
        env = rendered("everything").env("ingest")
        self.assertEqual(
            env["CORS_ALLOWED_ORIGINS"]["value"], "https://tickets.example.org,https://shop.example.org"
        )
        self.assertEqual(env["REQUIRE_WRITE_KEY"]["value"], "true")
        self.assertNotIn("REQUIRE_WRITE_KEY", rendered("minimal").text)
        self.assertNotIn("CORS_ALLOWED_ORIGINS", rendered("minimal").text)

    def test_pages_of_other_origins_read_the_api_of_query(self):
        env = rendered("everything").env("query")
        self.assertEqual(env["CORS_ALLOWED_ORIGINS"]["value"], "https://admin.example.org")

    def test_the_page_of_a_shared_event_is_framed_on_configured_origins(self):
        env = rendered("everything").env("query")
        self.assertEqual(env["FRAME_ANCESTORS"]["value"], "https://tickets.example.org")
        self.assertNotIn("FRAME_ANCESTORS", rendered("minimal").text)

    def test_settings_of_tokens_reach_both_tiers(self):
        for tier in TIERS:
            env = rendered("everything").env(tier)
            self.assertEqual(env["JWT_JWKS_URL"]["value"], "https://issuer.example.org/keys")
            self.assertEqual(env["JWT_AUDIENCE"]["value"], "analytics")
            self.assertEqual(env["JWT_ISSUER"]["value"], "https://issuer.example.org")
        self.assertNotIn("JWT_JWKS_URL", rendered("minimal").text)

    def test_certification_authorities_come_from_secrets(self):
        release = rendered("everything")
        for component in COMPONENTS:
            expected = {"DATABASE_CA_FILE": "database"}
            if component == "ingest":
                expected["AMQP_CA_FILE"] = "amqp"
            env = release.env(component)
            self.assertEqual({name for name in env if "_CA_" in name}, set(expected))
            volumes = {it["name"]: it for it in release.pod(component)["spec"]["volumes"]}
            mounts = {it["name"]: it for it in release.container(component)["volumeMounts"]}
            for name, server in expected.items():
                mount = mounts[f"{server}-ca"]
                self.assertIs(mount["readOnly"], True)
                self.assertEqual(env[name]["value"], f"{mount['mountPath']}/ca.crt")
                authority = {"database": "database-authority", "amqp": "broker-authority"}[server]
                self.assertEqual(
                    volumes[f"{server}-ca"]["secret"],
                    {"secretName": authority, "items": [{"key": "root.pem", "path": "ca.crt"}]},
                )
        self.assertNotIn("_CA_FILE", rendered("minimal").text)

    def test_roles_reach_the_tier_that_checks_them(self):
        release = rendered("everything")
        self.assertEqual(release.env("ingest")["WRITE_ROLES"]["value"], "SERVICE,CHECKIN")
        self.assertEqual(release.env("query")["READ_ROLES"]["value"], "ORGANIZER,ANALYST")
        self.assertEqual(release.env("query")["EXPORT_ROLES"]["value"], "ORGANIZER")
        self.assertEqual(release.env("query")["SHARE_ROLES"]["value"], "ORGANIZER,MARKETING")
        self.assertEqual(rendered("minimal").env("ingest")["WRITE_ROLES"]["value"], "SERVICE")
        self.assertNotIn("READ_ROLES", rendered("minimal").text)

    def test_proxies_and_the_limit_of_addresses_reach_both_tiers_and_other_limits_ingest_alone(self):
        for tier in TIERS:
            env = rendered("everything").env(tier)
            self.assertEqual(env["TRUSTED_PROXIES"]["value"], "10.0.0.0/8,fd00::/8")
            self.assertEqual(env["RATE_LIMIT_PER_ADDRESS"]["value"], "1200")
        of_ingest = {
            "RATE_LIMIT_PER_TENANT": "4000000000",
            "EVENT_QUOTA_MIB_PER_DAY": "64",
            "EVENT_MAX_VALUES_PER_DAY": "50",
        }
        for name, value in of_ingest.items():
            self.assertEqual(rendered("everything").env("ingest")[name]["value"], value)
            self.assertNotIn(name, rendered("everything").env("query"))

    def test_one_tag_names_all_three_images(self):
        for component in ("query", "migration"):
            self.assertEqual(
                rendered("everything").container(component)["image"],
                f"registry.example.com/analytics/analytics-{component}:1.2.3",
            )
        for component in COMPONENTS:
            self.assertEqual(
                rendered("minimal").container(component)["image"], f"analytics-{component}:0.1.0"
            )

    def test_a_digest_replaces_the_tag_and_a_tier_may_have_a_registry_of_its_own(self):
        image = rendered("everything").container("ingest")["image"]
        self.assertRegex(image, r"^registry\.example\.com/analytics/analytics-ingest@sha256:[0-9a-f]{64}$")
        self.assertEqual(variants()["images of their own"].container("ingest")["image"], "a.example:5000/b/c:d")

    def test_scrape_annotations_are_on_request(self):
        annotations = rendered("everything").pod("query")["metadata"]["annotations"]
        self.assertEqual(annotations["prometheus.io/port"], "9086")
        self.assertEqual(annotations["prometheus.io/path"], "/metrics")
        self.assertNotIn("prometheus.io", rendered("minimal").text)
