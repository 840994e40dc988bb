"""What containerd makes of a mirror's address: the same text means different roots in its two styles.

An address is a host, or a URL; what comes of it is the root of the mirror's API, below which
`/REPOSITORY/manifests/TAG` is asked, or None where it is no address. Seen on 1.6.20, 2.2.1 and 2.4.2.
"""

import posixpath
import re
from ipaddress import ip_address
from urllib.parse import urlsplit


def root_in_hosts_toml(address: str, *, overrides_path: bool = False) -> str | None:
    """The root for `[host."ADDRESS"]` (`parseHostConfig` in hosts.go).

    >>> root_in_hosts_toml("m.io"), root_in_hosts_toml("https://m.io/v2/")
    ('https://m.io/v2', 'https://m.io/v2')
    >>> root_in_hosts_toml("https://m.io/v2/team"), root_in_hosts_toml("https://m.io/v2/team", overrides_path=True)
    ('https://m.io/v2/team/v2', 'https://m.io/v2/team')
    """
    # A bare name that begins with these letters is taken for a URL.
    parts = _split(address if address.startswith("http") else f"https://{address}")
    if parts is None:
        return None
    origin, path = parts
    if not overrides_path and not path.endswith("/v2"):
        path += "/v2"
    return origin + path


def root_in_table(address: str) -> str | None:
    """The root for an `endpoint` of the table of mirrors (`registryEndpoints` in image_pull.go).

    >>> root_in_table("https://m.io"), root_in_table("127.0.0.1:5000")
    ('https://m.io/v2', 'http://127.0.0.1:5000/v2')
    >>> root_in_table("https://m.io/"), root_in_table("https://m.io/v2/team")
    ('https://m.io', 'https://m.io/v2/team')
    """
    if "://" not in address:
        scheme = "http" if _is_loopback(address) else "https"
        address = f"{scheme}://{address}"
    parts = _split(address)
    if parts is None:
        return None
    origin, path = parts
    return origin + (path if urlsplit(address).path else "/v2")


def _split(url: str) -> tuple[str, str] | None:
    """Scheme with host, and path without a slash at its end."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    name = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not name or parts.netloc.endswith(":") or re.search(r"\s", url):
        return None
    host = f"[{name}]" if ":" in name else name
    path = posixpath.normpath("/" + parts.path.lstrip("/"))
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else ""), path.rstrip("/")


def _is_loopback(address: str) -> bool:
    parts = _split(f"http://{address}")
    host = urlsplit(parts[0]).hostname if parts else None
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
