"""The restricted profile of the Pod Security Standards (kubernetes.io/docs/concepts/security/pod-security-standards)."""

VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip
SECCOMP = {"RuntimeDefault", "Localhost"}


def violations(spec):
    """Returns the defects of a pod, or an empty list."""
    found = [f"{it} is set" for it in ("hostNetwork", "hostPID", "hostIPC") if spec.get(it)]
    if spec.get("hostUsers") is True or spec.get("windowsOptions"):
        found.append("host user or process")
    for volume in spec.get("volumes", []):
        if not VOLUMES & set(volume):
            found.append(f"volume {volume['name']} is of a forbidden type")
    pod = spec.get("securityContext", {})
    if pod.get("sysctls"):
        found.append("sysctls are set")
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        found += [f"{container['name']}: {defect}" for defect in container_violations(container, pod)]
    return found


def container_violations(container, pod):
    context = container.get("securityContext", {})
    effective = pod | context
    capabilities = context.get("capabilities", {})
    conditions = {
        "is privileged": context.get("privileged"),
        "may gain privileges": context.get("allowPrivilegeEscalation") is not False,
        "may run as root": effective.get("runAsNonRoot") is not True or effective.get("runAsUser") == 0,
        "has no seccomp profile": effective.get("seccompProfile", {}).get("type") not in SECCOMP,
        "keeps capabilities": "ALL" not in capabilities.get("drop", []),
        "adds capabilities": set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"},
        "unmasks /proc": context.get("procMount", "Default") != "Default",
        "has a host port": any(port.get("hostPort") for port in container.get("ports", [])),
        "has another AppArmor profile": effective.get("appArmorProfile", {}).get("type") == "Unconfined",
    }
    return [defect for defect, is_met in conditions.items() if is_met]
