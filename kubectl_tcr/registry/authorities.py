"""Whose certificates are trusted: the system's authorities, as kubectl and docker do, and those of a file.

OpenSSL honours SSL_CERT_FILE and SSL_CERT_DIR. Where a system has no store of its own, that of certifi stands in.
"""

import os
import ssl

from kubectl_tcr.errors import Location, RegistryError


def context(ca_file: str) -> ssl.SSLContext:
    """How TLS is spoken; `ca_file` is empty for no more authorities. Raises RegistryError."""
    made = ssl.create_default_context()
    # Python 3.13 refuses what RFC 5280 wants of authorities and companies' own lack; Go, and so docker, takes them.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not _has_store():
        import certifi

        # Not by its file: out of the zipapp that would be a temporary one, left behind by whatever ends the run.
        made.load_verify_locations(cadata=certifi.contents())
    if ca_file:
        _add(made, ca_file)
    return made


def _has_store() -> bool:
    places = ssl.get_default_verify_paths()
    named = (os.environ.get(places.openssl_cafile_env), os.environ.get(places.openssl_capath_env))
    return any((*named, places.cafile, places.capath))


def _add(made: ssl.SSLContext, file: str) -> None:
    try:
        made.load_verify_locations(file)
    except ssl.SSLError:
        raise RegistryError("holds no certificate in PEM form; name a file that does", Location(file)) from None
    except OSError as error:
        raise RegistryError(f"cannot be read: {error.strerror}", Location(file)) from None
