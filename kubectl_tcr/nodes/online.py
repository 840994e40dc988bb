"""Whether a mirror serves, asked over the network: only `check --online` does so."""

import json
import re
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import urlencode

from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.reference import GrammarError, parse

# Seconds that a mirror has to answer each question.
PATIENCE = 5
_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


class Image(NamedTuple):
    """An image to ask a mirror for."""

    source: str
    path: str
    version: str


class _Answer(NamedTuple):
    status: int
    challenge: str
    body: bytes


def image(text: str) -> Image:
    """An image from its reference, as `quay.io/k8scsi/csi-resizer:v0.5.0`; raises RuleError."""
    try:
        reference = parse(text)
    except GrammarError as error:
        raise RuleError(f'"{text}" is no image reference: {error}') from None
    return Image(reference.domain, reference.path, reference.digest or reference.tag or "latest")


def trouble(url: str, wanted: Image | None = None) -> str:
    """What keeps a mirror from serving, empty if it serves.

    Without an image only the registry API is asked for, which a mirror may answer that serves nothing.
    """
    root = url if "/v2/" in url else f"{url}/v2"
    try:
        if wanted is None:
            return _judge(_get(f"{root}/"), (200, 401))
        address = f"{root}/{wanted.path}/manifests/{wanted.version}?{urlencode({'ns': wanted.source})}"
        answer = _get(address)
        if answer.status == 401:
            answer = _get(address, _token(answer.challenge, wanted))
        return _judge(answer, (200,), wanted)
    except urllib.error.URLError as error:
        return f"does not answer: {error.reason}"
    except (OSError, HTTPException, ValueError) as error:
        return f"does not answer: {error or type(error).__name__}"


def _judge(answer: _Answer, good: tuple[int, ...], wanted: Image | None = None) -> str:
    if answer.status in good:
        return ""
    what = f"{wanted.path}:{wanted.version}" if wanted else "the registry API"
    return f"answers, but does not serve {what} (HTTP {answer.status})"


def _get(url: str, token: str = "") -> _Answer:
    """One answer, whatever its status; raises OSError and HTTPException."""
    headers = {"Accept": _ACCEPT, "User-Agent": "kubectl-tcr"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 rules have a host, endpoints a scheme
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return _Answer(answer.status, "", answer.read(1 << 20))
    except urllib.error.HTTPError as error:
        with error:
            return _Answer(error.code, error.headers.get("WWW-Authenticate", ""), b"")


def _token(challenge: str, wanted: Image) -> str:
    """An anonymous token, as the mirror's challenge describes it (distribution's token specification)."""
    fields = dict(re.findall(r'(\w++)="([^"]*+)"', challenge))
    realm = fields.get("realm", "")
    if not realm.startswith(("https://", "http://")):
        return ""
    query = urlencode({"service": fields.get("service", ""), "scope": f"repository:{wanted.path}:pull"})
    data = json.loads(_get(f"{realm}?{query}").body or b"{}")
    return str(data.get("token") or data.get("access_token") or "")
