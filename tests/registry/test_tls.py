"""Whose certificates are trusted, and what is said of others; proxies."""

import ssl
from pathlib import Path

import pytest
import trustme

from kubectl_tcr.errors import RegistryError
from kubectl_tcr.registry import authorities
from kubectl_tcr.registry.asking import ask
from kubectl_tcr.registry.question import Answer, Outcome, Question, Settings

from .conftest import context
from .servers import Asked, Reply, redirect, served, server
from .test_access import ALICE, BEARER, TOKEN, Bearer, Keeper, told

SETTINGS = Settings(proxies=False, patience=5, patience_for_all=20, retries=0)


def answer(host: str, settings: Settings = SETTINGS) -> Answer:
    question = Question(host, "acme/app", "1")
    return ask([question], settings)[question]


def test_an_authority_of_the_system_is_trusted(authority: trustme.CA) -> None:
    with server(lambda _: served(), context(authority)) as registry:
        assert answer(registry.address).outcome is Outcome.THERE


def test_an_authority_of_a_file_is_trusted_beside_those_of_the_system(authority: trustme.CA, tmp_path: Path) -> None:
    company = trustme.CA()
    file = tmp_path / "company.pem"
    company.cert_pem.write_to_path(str(file))
    settings = SETTINGS._replace(ca_file=str(file))
    with server(lambda _: served(), context(company)) as own, server(lambda _: served(), context(authority)) as public:
        assert answer(own.address).words.startswith("has a TLS certificate that is not trusted here: ")
        assert [answer(one.address, settings).outcome for one in (own, public)] == [Outcome.THERE] * 2


def test_a_certificate_for_another_name_is_told(authority: trustme.CA) -> None:
    with server(lambda _: served(), context(authority, "other.example")) as registry:
        found = answer(registry.address)
    assert found.outcome is Outcome.UNREACHABLE
    assert "is not valid for '127.0.0.1'" in found.words


def test_a_server_without_tls_is_told_from_one_that_is_not_there() -> None:
    with server(lambda _: served()) as registry:
        found = answer(registry.address)
    assert found.outcome is Outcome.UNREACHABLE
    assert found.words.startswith("does not speak TLS as it should: ")


def test_a_company_may_have_an_authority_that_rfc_5280_does_not_like() -> None:
    assert not authorities.context("").verify_flags & ssl.VERIFY_X509_STRICT


def test_certifi_stands_in_where_the_system_has_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    none = ssl.DefaultVerifyPaths(None, None, "NO_SUCH_FILE", "/nowhere", "NO_SUCH_DIR", "/nowhere")
    assert len(authorities.context("").get_ca_certs()) == 1
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: none)
    assert len(authorities.context("").get_ca_certs()) > 50


# What a file of authorities holds that is none, and what is said of it.
NO_AUTHORITIES = {
    "text": ("hello", "holds no certificate in PEM form; name a file that does"),
    "nothing": ("", "holds no certificate in PEM form; name a file that does"),
    "half a certificate": (
        "-----BEGIN CERTIFICATE-----\nAA",
        "holds no certificate in PEM form; name a file that does",
    ),
    "no file": (None, "cannot be read: No such file or directory"),
}


@pytest.mark.parametrize("name", NO_AUTHORITIES)
def test_a_file_without_authorities_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    text, words = NO_AUTHORITIES[name]
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    with pytest.raises(RegistryError) as refused:
        answer("127.0.0.1:1", SETTINGS._replace(ca_file=str(file)))
    assert str(refused.value) == f"{file}: {words}"


def test_a_registry_of_https_sends_nobody_to_a_realm_without_tls(authority: trustme.CA) -> None:
    with server(lambda _: TOKEN) as realm, server(Bearer(f"{realm.url}/token"), context(authority)) as registry:
        found = answer(registry.address)
    words = f"sends for a token to {realm.url}, which has no TLS and was not asked"
    assert found == Answer(Outcome.NOT_ALLOWED, words)
    assert realm.asked == []


def test_a_password_goes_to_a_realm_of_https(authority: trustme.CA) -> None:
    with (
        server(lambda _: TOKEN, context(authority)) as realm,
        server(Bearer(f"{realm.url}/token"), context(authority)) as registry,
    ):
        found = answer(registry.address, SETTINGS._replace(credentials=Keeper(registry.address)))
    assert found.outcome is Outcome.THERE
    assert [asked.token for asked in realm.asked] == [ALICE.basic]


def test_a_token_does_not_follow_a_redirect_out_of_tls(authority: trustme.CA) -> None:
    with server(lambda _: served()) as stranger:

        def answers(asked: Asked) -> Reply:
            if asked.path.startswith("/token"):
                return TOKEN
            return redirect(f"{stranger.url}/there") if asked.token == BEARER else guarded(asked)

        with server(answers, context(authority)) as registry:
            guarded = Bearer(f"{registry.url}/token")
            assert answer(registry.address).outcome is Outcome.THERE
    assert stranger.asked
    assert not told(stranger.asked)


PROXIED = SETTINGS._replace(proxies=True)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One without proxies."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_a_proxy_of_the_environment_is_asked(environment: pytest.MonkeyPatch) -> None:
    with server(lambda _: served()) as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        found = answer("registry.example", PROXIED._replace(plain_http=frozenset(["registry.example"])))
    assert found.outcome is Outcome.THERE
    assert [asked.path for asked in proxy.asked] == ["http://registry.example/v2/acme/app/manifests/1"]


def test_a_host_that_the_environment_excepts_is_asked_itself(environment: pytest.MonkeyPatch) -> None:
    with server(lambda _: served()) as registry:
        environment.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        environment.setenv("NO_PROXY", "127.0.0.1")
        found = answer(registry.address, PROXIED._replace(plain_http=frozenset([registry.address])))
    assert found.outcome is Outcome.THERE


def test_a_proxy_that_is_not_there_is_told_from_a_host(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert answer("registry.example", PROXIED) == Answer(
        Outcome.UNREACHABLE, "refuses the connection (asked through the proxies of the environment)"
    )


def test_a_proxy_that_refuses_is_told(environment: pytest.MonkeyPatch) -> None:
    with server(lambda _: Reply(403)) as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url.replace("//", "//alice:s3cret@"))
        found = answer("registry.example", PROXIED)
    assert found.outcome is Outcome.UNREACHABLE
    assert "s3cret" not in found.words


@pytest.mark.parametrize("address", ["ftp://p", "http://u:s3#cret@p", "http://[::1", "http://p:x"])
def test_a_proxy_that_is_no_address_is_refused_without_its_words(environment: pytest.MonkeyPatch, address: str) -> None:
    environment.setenv("ALL_PROXY", address)
    with pytest.raises(RegistryError) as refused:
        answer("registry.example", PROXIED)
    assert str(refused.value) == "a proxy of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) is no address"


def test_a_proxy_of_socks_is_asked(environment: pytest.MonkeyPatch) -> None:
    """httpx speaks it with socksio only, and would not begin without."""
    environment.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    assert answer("registry.example", PROXIED).outcome is Outcome.UNREACHABLE
