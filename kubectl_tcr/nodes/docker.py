"""Docker: `registry-mirrors` in daemon.json, which serves Docker Hub and no other host.

Source: docs.docker.com/docker-hub/image-library/mirror ("only the central Hub can be mirrored").
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from kubectl_tcr.errors import Location, NodeError, RuleError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.images.reference import HUB
from kubectl_tcr.nodes import processes
from kubectl_tcr.nodes.hosts import PLAIN, Host, Ways, host, refuse_ca
from kubectl_tcr.nodes.plan import Change, Node
from kubectl_tcr.nodes.report import Asked, Report, missing, url
from kubectl_tcr.nodes.runtime import Plan, Runtime, Section, Wanted
from kubectl_tcr.nodes.template import template
from kubectl_tcr.readers.json import number, once

CONFIG = "/etc/docker/daemon.json"
KEY = "registry-mirrors"
FLAG = "--registry-mirror"


def mirror(rules: Rules, ways: Ways = PLAIN) -> Host:
    """Docker Hub's mirror; raises RuleError where there is none that Docker takes."""
    found = [rule for rule in rules.rules if rule.source == HUB]
    if not found:
        raise RuleError(f"no rule is for {HUB}, and Docker mirrors no other host; --preset tke has one")
    refuse_ca(ways, "copy {file} to /etc/docker/certs.d/{mirror}/ca.crt")
    if ways.no_fallback:
        what = "Docker always asks Docker Hub itself if a mirror fails, so --no-fallback cannot be"
        raise RuleError(f"{what}; rewrite the references in manifests (kubectl tcr-rewrite)")
    if "/" in found[0].mirror:
        raise RuleError(f"rule {found[0]}: Docker takes no mirror with a path; name a host")
    return host(found[0], ways)


def notes(wanted: Wanted) -> Iterator[str]:
    """The sources that Docker cannot ask a mirror for; raises RuleError where there is none for Docker Hub."""
    mirror(wanted.rules, wanted.ways)
    for rule in wanted.rules.rules:
        if rule.source != HUB:
            what = "Docker asks no mirror for it; rewrite its references in manifests (kubectl tcr-rewrite)"
            yield f"{rule.source}: {what}"


def plan(wanted: Wanted) -> Plan:
    """The daemon.json with the mirror in front of those that are there; raises RuleError and NodeError."""
    _refuse_a_flag(wanted.node)
    text = wanted.node.text(CONFIG)
    after = merge(text or "", mirror(wanted.rules, wanted.ways).root)
    change = Change(CONFIG, None if text is None else text.encode(), after.encode())
    return Plan((change,), "then: reload docker (systemctl reload docker)")


def _refuse_a_flag(node: Node) -> None:
    """Raises NodeError where dockerd has mirrors on its command line: with the same key in the file it does not start.

    Source: docs.docker.com/engine/daemon/#configure-the-docker-daemon.
    """
    for process in processes.running("dockerd") if node.is_this_machine else ():
        if process.argument(FLAG):
            raise NodeError(
                f"dockerd runs with {FLAG}, and does not start if this file sets {KEY} too; "
                "move those of its command line in here (systemctl edit docker), then run this again",
                Location(CONFIG),
            )


def report(node: Node, rules: Rules, _: str) -> Report:
    """The mirrors of Docker Hub, as daemon.json has them; raises NodeError."""
    found = tuple(map(url, mirrors(load(node.text(CONFIG) or "{}"))))
    asked = (Asked(HUB, found, CONFIG),) if found else ()
    hub = Rules(tuple(rule for rule in rules.rules if rule.source == HUB), {})
    return Report("docker", asked, tuple(missing(hub, asked, CONFIG)))


def section(rules: Rules, ways: Ways) -> Section:
    """Its part of the script; without a mirror that Docker takes it has no text for daemon.json."""
    try:
        text = merge("", mirror(rules, ways).root)
    except RuleError:
        text = ""
    return Section(template("docker.sh"), {"DAEMON_JSON": text})


def merge(text: str, url: str, file: str = CONFIG) -> str:
    """A daemon.json with one more mirror in front, every other byte as it was; raises NodeError."""
    if not text.strip():
        return json.dumps({KEY: [url]}, indent=2) + "\n"
    data = load(text, file)
    old = mirrors(data, file)
    ours = next((one for one in old if one.rstrip("/") == url), "")
    if ours:
        new, wanted = _in_front(text, ours), [ours, *(one for one in old if one != ours)]
        return _checked(new, data, wanted, url, file)
    new = _in_list(text, url, is_empty=not old) if KEY in data else _in_object(text, url, is_empty=not data)
    return _checked(new, data, [url, *old], url, file)


def _checked(new: str, data: dict[str, Any], wanted: list[str], url: str, file: str) -> str:
    """An edited text that has these mirrors and else says what it did; raises NodeError."""
    if not _means(new, {**data, KEY: wanted}):
        raise NodeError(f'cannot be edited without touching more; put "{url}" first in {KEY} by hand', Location(file))
    return new


def _in_front(text: str, url: str) -> str:
    """A mirror of the list as its first: the others move on by one place, and what stands between them stays."""
    found = re.search(rf'"{KEY}"\s*+:\s*+\[([^\]]*+)\]', text)
    spans = [one.span() for one in re.finditer(r'"(?:[^"\\]++|\\.)*+"', found[1])] if found else []
    words = [found[1][slice(*span)] for span in spans] if found else []
    if not found or json.dumps(url) not in words:
        return ""
    order = [json.dumps(url), *(word for word in words if word != json.dumps(url))]
    inner = found[1]
    for (start, stop), word in reversed(list(zip(spans, order, strict=False))):
        inner = inner[:start] + word + inner[stop:]
    return text[: found.start(1)] + inner + text[found.end(1) :]


def load(text: str, file: str = CONFIG) -> dict[str, Any]:
    """The settings; raises NodeError with file, line and column."""
    try:
        data = json.loads(text, object_pairs_hook=once, parse_int=number)
    except json.JSONDecodeError as error:
        raise NodeError(
            f"invalid JSON: {error.msg}; it stays as it is", Location(file, error.lineno, error.colno)
        ) from None
    except ValueError as error:
        raise NodeError(f"{error}; it stays as it is", Location(file)) from None
    except RecursionError:
        raise NodeError("is nested too deep; it stays as it is", Location(file)) from None
    if not isinstance(data, dict):
        raise NodeError("holds no JSON object; it stays as it is", Location(file))
    return data


def mirrors(data: dict[str, Any], file: str = CONFIG) -> list[str]:
    """The mirrors that are set; raises NodeError where they are no list of strings."""
    found = data.get(KEY, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise NodeError(f"{KEY} is no list of strings", Location(file))
    return found


def _in_list(text: str, url: str, *, is_empty: bool) -> str:
    """The URL as the first item, indented as the item that it precedes."""
    found = re.search(rf'"{KEY}"\s*+:\s*+\[(\s*+)', text)
    if not found:
        return ""
    rest = text[found.end() :]
    if is_empty:
        return f"{text[: found.start(1)]}{json.dumps(url)}{rest}"
    between = found[1] if "\n" in found[1] else " "
    return f"{text[: found.end()]}{json.dumps(url)},{between}{rest}"


def _in_object(text: str, url: str, *, is_empty: bool) -> str:
    """The list as the last key, indented as the first one."""
    body = text.rstrip()[:-1].rstrip()
    tail = text[len(text.rstrip()) :]
    first = re.search(r"\{(\s*+)", text)
    gap = "\n  " if is_empty or not first else first[1]
    comma = "" if is_empty else ","
    end = "\n" if "\n" in gap else ""
    return f'{body}{comma}{gap or " "}"{KEY}": [{json.dumps(url)}]{end}}}{tail}'


def _means(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return list(json.loads(text, parse_int=number).items()) == list(wanted.items())
    except ValueError:
        return False


RUNTIME = Runtime(places=(CONFIG,), plan=plan, report=report, section=section, notes=notes)
