"""Where requests go: Ingress, Services, ports."""

import unittest

from .release import TIERS, for_each, in_every_release, rendered
from .variants import variants


class Routing(unittest.TestCase):
    def test_track_goes_to_ingest_and_the_rest_to_query(self):
        self.assertEqual(
            rendered("amqp").backends(),
            {
                "/api/v1/analytics/track": ("Prefix", "demo-analytics-service-ingest"),
                "/api/v1/analytics/track.js": ("Exact", "demo-analytics-service-ingest"),
                "/api/v1/analytics": ("Prefix", "demo-analytics-service-query"),
                "/app": ("Prefix", "demo-analytics-service-query"),
            },
        )

    def test_the_gateway_routes_as_the_ingress_does(self):
        release = variants()["Ingress and HTTPRoute with the reference"]
        (route,) = release.all("HTTPRoute")
        types = {"PathPrefix": "Prefix", "Exact": "Exact"}
        routes = {
            rule["matches"][0]["path"]["value"]: (
                types[rule["matches"][0]["path"]["type"]],
                rule["backendRefs"][0]["name"],
            )
            for rule in route["spec"]["rules"]
        }
        self.assertEqual(routes, release.backends())
        self.assertIn("/docs", routes)

    def test_the_gateway_uses_the_ports_of_the_services(self):
        release = variants()["HTTPRoute to another port"]
        services = {it["metadata"]["name"]: it["spec"]["ports"][0]["port"] for it in release.all("Service")}
        for rule in release.all("HTTPRoute")[0]["spec"]["rules"]:
            (backend,) = rule["backendRefs"]
            self.assertEqual(backend["port"], services[backend["name"]])

    def test_an_ingress_for_each_tier_has_its_own_annotations(self):
        release = variants()["Ingress for each tier"]
        ingresses = {it["metadata"]["name"]: it for it in release.all("Ingress")}
        self.assertEqual(len(ingresses), 2)
        query = ingresses["demo-analytics-service-query"]["metadata"]["annotations"]
        self.assertEqual(query, {"a.example/t": "1h"})
        self.assertNotIn("annotations", ingresses["demo-analytics-service-ingest"]["metadata"])
        self.assertEqual(release.backends(), variants()["Ingress"].backends())

    def test_a_tier_that_is_not_part_of_the_release_has_no_route(self):
        self.assertEqual(set(variants()["Ingress without query"].backends()), {
            "/api/v1/analytics/track", "/api/v1/analytics/track.js",
        })  # fmt: skip
        self.assertEqual(set(variants()["Ingress without ingest"].backends()), {"/api/v1/analytics", "/app"})

    def test_the_api_reference_is_published_only_on_request(self):
        backends = rendered("everything").backends()
        self.assertEqual(backends["/docs"], ("Prefix", "figures-query"))
        self.assertEqual(backends["/openapi.yaml"], ("Exact", "figures-query"))

    def test_every_backend_is_a_service_of_the_release(self):
        for release in (rendered("amqp"), rendered("everything")):
            services = {service["metadata"]["name"] for service in release.all("Service")}
            self.assertLessEqual({name for _, name in release.backends().values()}, services)

    def test_tls_names_the_host_and_its_secret(self):
        (ingress,) = rendered("tls").all("Ingress")
        self.assertEqual(
            ingress["spec"]["tls"],
            [{"hosts": ["analytics.example.com"], "secretName": "analytics-tls"}],
        )
        self.assertEqual(ingress["spec"]["ingressClassName"], "nginx")
        (ingress,) = rendered("amqp").all("Ingress")
        self.assertNotIn("tls", ingress["spec"])

    @for_each(TIERS)
    def test_services_lead_to_the_pods_of_their_tier_on_8086(self, release, tier):
        service = release.one("Service", tier)["spec"]
        (port,) = service["ports"]
        expected = 80 if release is rendered("everything") and tier == "ingest" else 8086
        self.assertEqual((port["port"], port["targetPort"]), (expected, "http"))
        self.assertIn({"name": "http", "containerPort": 8086}, release.container(tier)["ports"])
        self.assertEqual(release.env(tier)["LISTEN_ADDR"]["value"], "0.0.0.0:8086")
        labels = release.pod(tier)["metadata"]["labels"]
        self.assertLessEqual(service["selector"].items(), labels.items())
        selector = release.workload(tier)["spec"]["selector"]["matchLabels"]
        self.assertLessEqual(selector.items(), labels.items())

    @for_each(TIERS)
    def test_no_service_leads_to_probes_and_metrics(self, release, tier):
        port = {"name": "management", "containerPort": 9086}
        self.assertIn(port, release.container(tier)["ports"])
        self.assertEqual(release.env(tier)["MANAGEMENT_ADDR"]["value"], "0.0.0.0:9086")
        targets = [port["targetPort"] for port in release.one("Service", tier)["spec"]["ports"]]
        self.assertEqual(targets, ["http"])

    @in_every_release
    def test_no_service_reaches_the_pods_of_the_other_tier(self, release):
        selector = release.one("Service", "ingest")["spec"]["selector"]
        other = release.pod("query")["metadata"]["labels"]
        self.assertFalse(selector.items() <= other.items())
