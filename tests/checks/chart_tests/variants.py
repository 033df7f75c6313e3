"""Renderings of the chart: every option, pairs of options that meet, and release names of every kind."""

from functools import cache

from .release import VALUE_SETS, Release, with_values

LOGIN = {"name": "login", "usernameKey": "username", "passwordKey": "password"}
HOOK = {"preStop": {"httpGet": {"path": "/livez", "port": "management"}}}
PEER = [{"podSelector": {"matchLabels": {"app": "peer"}}}]
EXTRA = {
    "name": "extra",
    "image": "registry.example.com/extra:1",
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
AUTHORITIES = {"secrets.databaseCa.name": "database-ca", "secrets.amqpCa.name": "broker-ca"}
BROKER = {"secrets.amqpUrl": {"name": "broker", "key": "uri"}}
LOGINS = {
    "secrets.ingestDatabaseUrl.name": "",
    "secrets.queryDatabaseUrl.name": "",
    "database.host": "analytics-db-rw",
    "database.logins": {"ingest": LOGIN, "query": LOGIN},
}
BROKER_LOGIN = {"broker.host": "rabbit.messaging.svc", "broker.login": LOGIN}
INGRESS = {"ingress.enabled": True, "ingress.hosts": ["a.example", "*.b.example"]}
ROUTE = {"httpRoute.enabled": True, "httpRoute.parentRefs": [{"name": "public"}]}
TRACES = {"config.traces.endpoint": "http://collector.monitoring:4318"}
POLICY = {"networkPolicy.enabled": True}
HPA = {"ingest.autoscaling.type": "hpa", "query.autoscaling.type": "hpa"}
KEDA = {"ingest.autoscaling.type": "keda", "query.autoscaling.type": "keda"}
NO_QUERY = {"query.enabled": False, "secrets.queryDatabaseUrl.name": "", "secrets.sessionSecret.name": ""}
NO_INGEST = {"ingest.enabled": False, "secrets.ingestDatabaseUrl.name": ""}
NO_MIGRATION = {"migration.enabled": False, "secrets.migrationDatabaseUrl.name": ""}
MONITORING = {
    "metrics.podMonitor.enabled": True,
    "metrics.prometheusRule.enabled": True,
    "dashboards.enabled": True,
}

# Changes of the least that installs.
OPTIONS = {
    "name override": {"nameOverride": "numbers"},
    "full name": {"fullnameOverride": "n" * 52},
    "common labels": {"commonLabels": {"team": "events", "on": "true"}},
    "digests": {f"{it}.image.digest": f"sha256:{'0' * 64}" for it in ("ingest", "query", "migration")},
    "images of their own": {"ingest.image": {"registry": "a.example:5000", "repository": "b/c", "tag": "d"}},
    "broker by URL": BROKER,
    "broker by login": BROKER_LOGIN,
    "broker in the clear": BROKER_LOGIN | {"broker.tls": False, "broker.port": 5672, "broker.vhost": "events"},
    "logins": LOGINS,
    "all logins": LOGINS
    | {"secrets.migrationDatabaseUrl.name": "", "database.logins.migration": LOGIN, "database.queryHost": "db-ro"},
    "authorities": AUTHORITIES | BROKER,
    "public key instead of a secret": {"secrets.jwtSecret.name": "", "secrets.jwtPublicKey.name": "keys"},
    "JWK Set instead of a secret": {"secrets.jwtSecret.name": "", "config.jwt.jwksUrl": "https://a.example/keys"},
    "IPv6": {"config.listenAddress": "::", "query.service.spec": {"ipFamilies": ["IPv6"]}},
    "traces": TRACES,
    "no role may write": {"config.roles.write": []},
    "no replicas": {"ingest.replicas": 0, "query.replicas": 0},
    "replicas of another autoscaler": {"ingest.replicas": None},
    "HPA": HPA,
    "KEDA": KEDA,
    "PDB with a number": {"ingest.podDisruptionBudget": {"minAvailable": 1}},
    "PDB with a percentage": {"query.podDisruptionBudget": {"maxUnavailable": "50%"}},
    "no PDB": {"ingest.podDisruptionBudget.enabled": False, "query.podDisruptionBudget.enabled": False},
    "large quantities": {"query.resources": {"limits": {"memory": 1e9, "ephemeral-storage": "1Pi", "cpu": 2}}},
    "no resources": {"ingest.resources": {"requests": None, "limits": None}},
    "replaced variables": {"ingest.extraEnv": [{"name": "DATABASE_URL", "value": "postgres://elsewhere/db"}]},
    "environment of a ConfigMap": {"migration.envFrom": [{"configMapRef": {"name": "settings"}}]},
    "extra volumes": {
        f"{it}.{key}": value
        for it in ("ingest", "query", "migration")
        for key, value in {
            "extraVolumes": [{"name": "more", "emptyDir": {}}],
            "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
        }.items()
    },
    "extra containers": {
        f"{it}.{key}": [EXTRA | {"name": key.lower()}]
        for it in ("ingest", "query", "migration")
        for key in ("initContainers", "extraContainers")
    },
    "labels and annotations": {
        "ingest.annotations": {"a.example/b": "true"},
        "ingest.podLabels": {"number": "1"},
        "ingest.podAnnotations": {"a.example/c": "1"},
    },
    "placement": {
        "query.nodeSelector": {"pool": "analytics"},
        "query.tolerations": [{"operator": "Exists"}],
        "query.priorityClassName": "high",
        "query.runtimeClassName": "gvisor",
        "query.topologySpreadConstraints": [],
    },
    "names of hosts": {
        "ingest.hostAliases": [{"ip": "10.0.0.9", "hostnames": ["db.example"]}],
        "ingest.dnsPolicy": "None",
        "ingest.dnsConfig": {"nameservers": ["10.0.0.10"]},
    },
    "recreated pods": {"ingest.strategy": {"type": "Recreate"}},
    "lifecycle": {"ingest.lifecycle": HOOK, "query.settings.drainSeconds": 0},
    "probes": {"ingest.readinessProbe": {"initialDelaySeconds": 1, "successThreshold": 2}},
    "node port": {"ingest.service": {"type": "NodePort", "port": 80, "labels": {"a": "b"}}},
    "load balancer": {
        "query.service": {
            "type": "LoadBalancer",
            "spec": {"loadBalancerClass": "a.example/b", "externalTrafficPolicy": "Local"},
        }
    },
    "accounts": {"ingest.serviceAccount.create": False, "migration.serviceAccount": {"create": True, "name": "m"}},
    "no query": NO_QUERY,
    "no ingest": NO_INGEST,
    "no migration": NO_MIGRATION,
    "kept migration": {"migration.ttlSecondsAfterFinished": 31536000},
    "Ingress": INGRESS,
    "Ingress for each tier": INGRESS | {"ingress.perTier": True, "ingress.queryAnnotations": {"a.example/t": "1h"}},
    "HTTPRoute": ROUTE,
    "scrape annotations": {"metrics.scrapeAnnotations": True},
    "monitoring": MONITORING,
    "no alert of one name": MONITORING | {"metrics.prometheusRule.disabledAlerts": ["AnalyticsDeadLetters"]},
    "network policies": POLICY,
    "no test": {"tests.enabled": False},
    "extra objects": {
        "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-x"}}]
    },
}

# Options that meet.
PAIRS = {
    "KEDA by the queue": KEDA | BROKER,
    "KEDA over TLS": KEDA | BROKER_LOGIN | AUTHORITIES,
    "KEDA by the management API": KEDA
    | BROKER
    | {"ingest.autoscaling.keda.managementUrl": {"name": "broker", "key": "management"}},
    "KEDA without CPU": KEDA | BROKER | {"ingest.autoscaling.targetCpuPercent": 0},
    "HPA and KEDA": HPA | {"query.autoscaling.type": "keda"},
    "HPA without replicas": HPA | {"ingest.replicas": None, "query.replicas": None},
    "KEDA without query": {"ingest.autoscaling.type": "keda"} | BROKER | NO_QUERY,
    "policies with a broker, a JWK Set and peers": POLICY
    | BROKER
    | TRACES
    | {"config.jwt.jwksUrl": "https://a.example/keys"}
    | {
        f"networkPolicy.{it}": PEER
        for it in ("apiFrom", "metricsFrom", "dnsTo", "databaseTo", "brokerTo", "jwksTo", "tracesTo")
    },
    "traces with an authority": TRACES | {"secrets.tracesCa.name": "collector-ca"},
    "policies without query and test": POLICY | NO_QUERY | {"tests.enabled": False},
    "policies without migration": POLICY | NO_MIGRATION,
    "Ingress without ingest": INGRESS | NO_INGEST,
    "Ingress without query": INGRESS | NO_QUERY | {"ingress.exposeDocs": True},
    "Ingress for each tier without query": INGRESS | NO_QUERY | {"ingress.perTier": True},
    "Ingress and HTTPRoute with the reference": INGRESS
    | ROUTE
    | {"ingress.exposeDocs": True, "httpRoute.exposeDocs": True},
    "HTTPRoute to another port": ROUTE | {"ingest.service.port": 80},
    "TLS for several hosts": INGRESS | {"ingress.tls": {"enabled": True, "secretName": "tls"}},
    "logins, authorities and extra volumes": LOGINS
    | AUTHORITIES
    | BROKER
    | {
        "ingest.extraVolumes": [{"name": "more", "emptyDir": {}}],
        "ingest.extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
    },
    "monitoring without ingest": MONITORING | NO_INGEST,
    "migration with account, policy and authority": POLICY
    | {"migration.serviceAccount.create": True, "secrets.databaseCa.name": "ca"},
    "only the migration": NO_INGEST | NO_QUERY,
    "labels on everything": MONITORING | ROUTE | {"commonLabels": {"team": "a"}, "ingest.podLabels": {"team": "b"}},
}

# Names of releases, as Helm permits them, and longer or other ones, as other tools do.
NAMES = [
    "2025", "true", "null", "1e3", "0x1f", "a.b", "a-b", "1.2.3", "9-lives", "x", "analytics-service",
    "a" * 53, "a" * 52 + "b", "n-" * 26 + "n", "with.many.dots.in.it", "UPPER", "under_score", "ünïcode", "-edge-",
]  # fmt: skip


@cache
def variants():
    """Each rendering by its description."""
    everything = MONITORING | POLICY | INGRESS | ROUTE | KEDA | BROKER | AUTHORITIES
    return (
        {name: Release(values) for name, values in VALUE_SETS.items()}
        | {name: Release(with_values(changes)) for name, changes in {**OPTIONS, **PAIRS}.items()}
        | {f"release {name}": Release(with_values(everything), name=name) for name in NAMES}
    )
