"""The manifests: as Kubernetes has them, with what keeps them up and apart."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from bot.settings import SETTINGS
from tests.deploy.shipped import DEPLOY, PORTS, document, documents, unknown_variables

FOLDER = DEPLOY / "kubernetes"
# The oldest that is still looked after by its makers, and a new one.
VERSIONS = ("1.32", "1.37")
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
OBJECTS = [each for path in FILES for each in documents(path)]
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    """The objects of these kinds."""
    return [each for each in OBJECTS if each["kind"] in kinds]


def called(kind: str, name: str) -> dict[str, Any]:
    """The one object of that kind and name."""
    (found,) = [each for each in of_kind(kind) if each["metadata"]["name"] == name]
    return found


def pods() -> dict[str, dict[str, Any]]:
    """The pod of everything that runs, by component."""
    found = {}
    for each in of_kind("Deployment", "StatefulSet", "Job", "CronJob"):
        spec = each["spec"]["jobTemplate"]["spec"] if each["kind"] == "CronJob" else each["spec"]
        found[spec["template"]["metadata"]["labels"][COMPONENT]] = spec["template"]["spec"]
    return found


SERVERS = {each["metadata"]["name"]: each for each in of_kind("Deployment", "StatefulSet")}


def container(component: str) -> dict[str, Any]:
    """The one container of a component."""
    (only,) = pods()[component]["containers"]
    return only


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_they_are_as_kubernetes_has_them(path: Path, version: str) -> None:
    for each in documents(path):
        kubernetes_validate.validate(each, version, strict=True)


def test_a_wrong_manifest_would_be_noticed() -> None:
    wrong = {**called("Deployment", "pager"), "spce": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


def test_every_file_is_applied() -> None:
    assert sorted(document("kubernetes/kustomization.yaml")["resources"]) == [path.name for path in FILES]


def test_everything_is_in_its_namespace() -> None:
    namespace = document("kubernetes/kustomization.yaml")["namespace"]
    assert {each["metadata"].get("namespace", each["metadata"]["name"]) for each in OBJECTS} == {namespace}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_they_can_be_put_together() -> None:
    run = subprocess.run(["kubectl", "kustomize", FOLDER], capture_output=True, text=True, check=True)
    assert run.stdout.count("\nkind: ") + run.stdout.startswith("kind: ") == len(OBJECTS)
    assert "image: ketamine-clinic-assistant:" in run.stdout


def test_there_are_two_of_each_and_a_migration() -> None:
    assert {name: each["spec"]["replicas"] for name, each in SERVERS.items()} == dict.fromkeys(
        ("gateway", "rasa", "actions", "pager"), 2
    )
    assert container("migrate")["args"] == ["migrate"]


@pytest.mark.parametrize("component", sorted(pods()))
def test_no_pod_has_more_rights_than_it_needs(component: str) -> None:
    pod, only = pods()[component], container(component)
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] >= 1000
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip


@pytest.mark.parametrize("component", sorted(pods()))
def test_every_pod_says_what_it_needs_and_where_it_writes(component: str) -> None:
    only = container(component)
    assert {"cpu", "memory"} == set(only["resources"]["requests"])
    assert only["resources"]["limits"]["memory"]
    written = {mount["mountPath"] for mount in only["volumeMounts"] if not mount.get("readOnly")}
    assert written == {"/tmp", "/data"}  # noqa: S108 - the two places that the image writes to
    declared = {volume["name"] for volume in pods()[component]["volumes"]}
    claimed = {
        claim["metadata"]["name"]
        for claim in SERVERS.get(component, {"spec": {}})["spec"].get("volumeClaimTemplates", ())
    }
    assert {mount["name"] for mount in only["volumeMounts"]} == declared | claimed


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_every_server_is_watched_and_kept_up(name: str) -> None:
    only = container(name)
    assert {"startupProbe", "livenessProbe"} <= set(only)
    assert ("readinessProbe" in only) is (name in PORTS)
    budget = called("PodDisruptionBudget", name)["spec"]
    assert budget["minAvailable"] == 1
    assert budget["selector"] == SERVERS[name]["spec"]["selector"]


@pytest.mark.parametrize(("name", "port"), sorted(PORTS.items()))
def test_ports_are_those_of_the_settings(name: str, port: int) -> None:
    assert container(name)["ports"] == [{"name": "http", "containerPort": port}]
    services = [each["spec"] for each in of_kind("Service") if each["spec"]["selector"][COMPONENT] == name]
    assert services
    assert {p["port"] for service in services for p in service["ports"]} == {port}


def test_reports_of_a_gateway_survive_its_pod() -> None:
    (claim,) = called("StatefulSet", "gateway")["spec"]["volumeClaimTemplates"]
    assert claim["metadata"]["name"] == "data"
    assert {"name": "data", "mountPath": "/data"} in container("gateway")["volumeMounts"]


def test_every_variable_is_one_that_is_read() -> None:
    assert unknown_variables(called("ConfigMap", "settings")["data"]) == set()
    own = {each["name"] for component in pods() for each in container(component).get("env", ())}
    assert unknown_variables(own) == set()


def test_secrets_are_files_of_a_secret() -> None:
    settings = called("ConfigMap", "settings")["data"]
    secret = {each.name for each in SETTINGS if each.is_secret}
    assert not secret & set(settings)
    assert {name for name in settings if name.endswith("_FILE")} - {"CLINIC_FILE"} <= {
        f"{name}_FILE" for name in secret
    }
    for component in pods():
        assert {"name": "secrets", "mountPath": "/run/secrets/assistant", "readOnly": True} in container(component)[
            "volumeMounts"
        ]


def test_addresses_are_those_of_the_services() -> None:
    settings = called("ConfigMap", "settings")["data"]
    rasa = called("StatefulSet", "rasa")["spec"]
    names = [f"http://rasa-{n}.{rasa['serviceName']}:{PORTS['rasa']}" for n in range(rasa["replicas"])]
    assert settings["RASA_URLS"] == ",".join(names)
    assert called("Service", rasa["serviceName"])["spec"]["clusterIP"] == "None"
    assert settings["ACTIONS_URL"] == f"http://actions:{PORTS['actions']}"
    host = settings["PUBLIC_URL"].removeprefix("https://")
    ingress = called("Ingress", "gateway")["spec"]
    assert [ingress["tls"][0]["hosts"], ingress["rules"][0]["host"]] == [[host], host]


def test_metrics_are_not_served_outside() -> None:
    (rule,) = called("Ingress", "gateway")["spec"]["rules"]
    paths = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    services = {each["metadata"]["name"] for each in of_kind("Service")}
    assert paths["/"] in services
    assert paths["/metrics"] not in services


# -- who reaches whom ----------------------------------------------------------


def _selects(selector: dict[str, Any], component: str) -> bool:
    """Whether a pod selector means that component; for namespaces of others it does not."""
    labels = {NAME: "ketamine-clinic-assistant", COMPONENT: component}
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ()))


def _allows(way: str, own: str, other: str, port: int) -> bool:
    """Whether a policy lets `own` be reached by `other` (ingress), or reach it (egress)."""
    peers = {"ingress": "from", "egress": "to"}[way]
    policies = [each["spec"] for each in of_kind("NetworkPolicy") if _selects(each["spec"]["podSelector"], own)]
    for policy in policies:
        for rule in policy.get(way, ()):
            named = [peer["podSelector"] for peer in rule[peers] if "podSelector" in peer]
            if any(_selects(peer, other) for peer in named) and port in [each["port"] for each in rule["ports"]]:
                return True
    return False


def _reaches(one: str, other: str) -> bool:
    port = PORTS.get(other, 8080)
    return _allows("egress", one, other, port) and _allows("ingress", other, one, port)


def test_only_who_needs_it_reaches_another() -> None:
    everybody = sorted(pods())
    found = {(one, other) for one in everybody for other in everybody if one != other and _reaches(one, other)}
    # The gateway asks action servers for their health alone, and has no more rights there than anybody.
    assert found == {("gateway", "rasa"), ("rasa", "actions"), ("gateway", "actions"), ("drill", "gateway")}


def test_what_no_policy_names_is_refused() -> None:
    (nobody,) = [each["spec"] for each in of_kind("NetworkPolicy") if each["metadata"]["name"] == "nobody"]
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_only_gateways_and_pagers_reach_the_internet() -> None:
    out = [
        each["spec"]["podSelector"]
        for each in of_kind("NetworkPolicy")
        if re.search("ipBlock", str(each["spec"].get("egress")))
    ]
    assert {component for component in pods() if any(_selects(each, component) for each in out)} == {"gateway", "pager"}
