"""The certificate authority of the tests, and the certificate of all their registries."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


class Authority:
    """Signs one certificate for every host; `folder` gets ca.pem, cert.pem and key.pem."""

    def __init__(self, folder: Path, openssl: str, hosts: Sequence[str]) -> None:
        self.folder, self._openssl = folder, openssl
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30")
        self._run("req", "-x509", *key, "-subj", "/CN=authority of the tests", "-keyout", "ca.key", "-out", "ca.pem")
        names = ",".join(f"DNS:{host}" for host in hosts)
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", f"subjectAltName={names}")
        usage = ("-addext", "basicConstraints=critical,CA:FALSE")
        self._run(
            "req", "-x509", *key, "-subj", "/CN=registries", *signed, *usage, "-keyout", "key.pem", "-out", "cert.pem"
        )

    def trust(self, certificates: Path) -> None:
        """Fill a folder /etc/ssl/certs, for Go's programs and for OpenSSL's."""
        certificates.mkdir(parents=True)
        shutil.copy(self.folder / "ca.pem", certificates / "ca-certificates.crt")
        name = self._run("x509", "-in", "ca.pem", "-noout", "-hash").strip()
        shutil.copy(self.folder / "ca.pem", certificates / f"{name}.0")

    def _run(self, *words: str) -> str:
        command = [self._openssl, *words]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout
