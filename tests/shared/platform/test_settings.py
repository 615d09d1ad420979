from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.settings import MissingSettings, Settings

SECRET = "only-the-tests-know-this-one-here"
AES_KEY = b64encode(bytes(range(224, 256))).decode()
P256_KEY = urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
OLD_AES_KEY = urlsafe_b64encode(bytes(range(223, 255))).decode().rstrip("=")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
COMPLETE = {
    "DATABASE_URL": "postgresql://app:database-secret@localhost/x",
    "SYSTEM_DATABASE_URL": "postgresql://system:database-secret@localhost/x",
    "REDIS_URL": "redis://:redis-secret@localhost",
    "AzureWebJobsStorage": "AccountKey=storage-secret",
    "WebPubSubConnectionString": "AccessKey=webpubsub-secret",
    "SESSION_KEYS": f"new:{SECRET}-1,old:{SECRET}-2",
    "INGEST_KEYS": f"k1:{SECRET}-3",
    "VAULT_KEYS": f"new:{AES_KEY},old:{OLD_AES_KEY}",
    "SEALING_KEYS": f"new:{P256_KEY},old:{OLD_AES_KEY}",
    "PASSWORD_PEPPER": f"{SECRET}-4",
}
CHECKED = (
    "SESSION_KEYS",
    "INGEST_KEYS",
    "VAULT_KEYS",
    "SEALING_KEYS",
    "PASSWORD_PEPPER",
    "PASSWORD_COST",
    "POSTGRES_PORT",
    "REDIS_PORT",
    "INGEST_MODE",
    "INGEST_DEADLINE_SECONDS",
    "LOG_LEVEL",
)
BY_HOST = {
    "database": (
        ("DATABASE_URL", "SYSTEM_DATABASE_URL"),
        {"POSTGRES_HOST": "db.postgres.database.azure.com"},
    ),
    "redis": (("REDIS_URL",), {"REDIS_HOST": "x.redis.azure.net"}),
    "storage": (
        ("AzureWebJobsStorage",),
        {
            "AzureWebJobsStorage__queueServiceUri": "https://x.queue.core.windows.net",
            "AzureWebJobsStorage__tableServiceUri": "https://x.table.core.windows.net",
            "AzureWebJobsStorage__blobServiceUri": "https://x.blob.core.windows.net",
        },
    ),
    "webpubsub": (("WebPubSubConnectionString",), {"WEBPUBSUB_ENDPOINT": "https://x.webpubsub.azure.com"}),
}


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in COMPLETE.items() if name not in names}


@pytest.mark.parametrize("name", COMPLETE)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(MissingSettings, match=name):
        Settings.read(without(name))


@pytest.mark.parametrize("name", COMPLETE)
def test_an_empty_setting_counts_as_missing(name: str) -> None:
    with pytest.raises(MissingSettings, match=name):
        Settings.read({**COMPLETE, name: ""})


def test_every_missing_service_is_named_at_once() -> None:
    with pytest.raises(MissingSettings) as refusal:
        Settings.read(
            {
                name: COMPLETE[name]
                for name in ("SESSION_KEYS", "INGEST_KEYS", "VAULT_KEYS", "SEALING_KEYS", "PASSWORD_PEPPER")
            }
        )
    for name in ("DATABASE_URL", "REDIS_URL", "AzureWebJobsStorage", "WebPubSubConnectionString"):
        assert name in str(refusal.value)


@given(name=st.sampled_from(CHECKED), tail=st.text(st.characters(categories=["L", "N", "P"]), max_size=6))
def test_a_wrong_setting_is_named_and_never_echoed(name: str, tail: str) -> None:
    with pytest.raises(MissingSettings) as refusal:
        Settings.read({**COMPLETE, name: f"hunter2{tail}"})
    assert name in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__suppress_context__, "a traceback would show the value"


def test_settings_show_no_secret() -> None:
    shown = repr(Settings.read(COMPLETE)) + str(Settings.read(COMPLETE).model_dump())
    for secret in (
        SECRET,
        AES_KEY,
        OLD_AES_KEY,
        P256_KEY,
        str(bytes(range(224, 256))),
        "database-secret",
        "redis-secret",
        "storage-secret",
        "webpubsub-secret",
    ):
        assert secret not in shown


@pytest.mark.parametrize("service", BY_HOST)
def test_a_service_may_be_named_by_its_host(service: str) -> None:
    by_url, by_host = BY_HOST[service]
    Settings.read({**without(*by_url), **by_host})


@pytest.mark.parametrize(
    ("service", "left_out"),
    [(service, name) for service, (_, by_host) in BY_HOST.items() for name in by_host],
)
def test_half_a_way_to_a_service_is_none(service: str, left_out: str) -> None:
    by_url, by_host = BY_HOST[service]
    half = {name: value for name, value in by_host.items() if name != left_out}
    with pytest.raises(MissingSettings, match=left_out):
        Settings.read({**without(*by_url), **half})


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password", "encrypted"),
    [
        ("smtp://me:pass@mail.example.com", "mail.example.com", 587, "me", "pass", (False, True)),
        ("smtps://me%40x:p%3Ass@mail.example.com:2465", "mail.example.com", 2465, "me@x", "p:ss", (True, False)),
        ("smtp+plain://127.0.0.1", "127.0.0.1", 25, "", "", (False, False)),
    ],
)
def test_a_mail_server_is_one_url(
    url: str, host: str, port: int, user: str, password: str, encrypted: tuple[bool, bool]
) -> None:
    server = Settings.read({**COMPLETE, "SMTP_URL": url, "MAIL_FROM": "sre@example.com"}).smtp_server
    assert server is not None
    assert (server.host, server.port, server.user) == (host, port, user)
    assert server.password.get_secret_value() == password
    assert (server.is_tls, server.is_starttls) == encrypted


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://?",
        "smtp://mail.example.com:0x",
        "smtp://mail.example.com:99999",
        "smtp://mail.example.com/path",
        "smtp+plain://me:hunter2@mail.example.com",
    ],
)
def test_what_is_no_mail_server_is_refused_and_never_echoed(url: str) -> None:
    with pytest.raises(MissingSettings, match="SMTP_URL") as refusal:
        Settings.read({**COMPLETE, "SMTP_URL": url, "MAIL_FROM": "sre@example.com"})
    assert url not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "sender", ["sre", "a@b.example, c@d.example", "SRE <sre>", "x\r\nBcc: y@example.com <y@example.com>", "@"]
)
def test_a_sender_without_an_address_is_refused(sender: str) -> None:
    with pytest.raises(MissingSettings, match="MAIL_FROM"):
        Settings.read({**COMPLETE, "SMTP_URL": "smtp://mail.example.com", "MAIL_FROM": sender})


@pytest.mark.parametrize("alone", [{"SMTP_URL": "smtp://mail.example.com"}, {"MAIL_FROM": "sre@example.com"}])
def test_a_mail_server_and_a_sender_belong_together(alone: dict[str, str]) -> None:
    with pytest.raises(MissingSettings, match="belong together"):
        Settings.read({**COMPLETE, **alone})


def test_without_a_mail_server_there_is_none() -> None:
    assert Settings.read(COMPLETE).smtp_server is None


def test_storage_in_azure_is_reached_as_the_app_s_identity() -> None:
    by_url, by_host = BY_HOST["storage"]
    access = Settings.read({**without(*by_url), **by_host, "AZURE_CLIENT_ID": "an-identity"}).storage_access
    assert access.queue_service_uri == "https://x.queue.core.windows.net"
    assert access.table_service_uri == "https://x.table.core.windows.net"
    assert access.blob_service_uri == "https://x.blob.core.windows.net"
    assert access.client_id == "an-identity"
    assert access.connection_string.get_secret_value() == ""


def test_the_first_key_signs_and_every_key_verifies() -> None:
    ring = Settings.read(COMPLETE).session_keys
    assert ring.newest == ("new", f"{SECRET}-1".encode())
    assert ring.secret("old") == f"{SECRET}-2".encode()
    assert ring.secret("unknown") is None


@pytest.mark.parametrize(
    "ring",
    [
        ",",
        "k1",
        f":{SECRET}",
        "k1:" + "s" * 31,
        f"k1:{SECRET},k2:short",
        f"k1:{SECRET},{SECRET}",
        f"k1:{SECRET},k1:{SECRET}-other",
    ],
)
def test_a_malformed_key_ring_is_refused(ring: str) -> None:
    with pytest.raises(MissingSettings, match="SESSION_KEYS"):
        Settings.read({**COMPLETE, "SESSION_KEYS": ring})


def test_surrounding_spaces_do_not_become_part_of_a_key() -> None:
    ring = Settings.read({**COMPLETE, "SESSION_KEYS": f" new:{SECRET}-1 , old:{SECRET}-2 "}).session_keys
    assert ring.newest == ("new", f"{SECRET}-1".encode())
    assert ring.secret("old") == f"{SECRET}-2".encode()


def test_an_aes_key_is_base64_of_either_alphabet_padded_or_not() -> None:
    ring = Settings.read(COMPLETE).vault_keys
    assert ring.newest == ("new", bytes(range(224, 256)))
    assert ring.secret("old") == bytes(range(223, 255))


@pytest.mark.parametrize(
    "ring",
    [
        f"k1:{b64encode(bytes(31)).decode()}",
        f"k1:{b64encode(bytes(33)).decode()}",
        f"k1:{'s' * 32}",
        f"k1:{AES_KEY[:-2]}!=",
        f"k.1:{AES_KEY}",
        f"k1:{AES_KEY},k1:{OLD_AES_KEY}",
        AES_KEY,
    ],
)
def test_a_vault_key_of_another_size_or_form_is_refused(ring: str) -> None:
    with pytest.raises(MissingSettings, match="VAULT_KEYS"):
        Settings.read({**COMPLETE, "VAULT_KEYS": ring})


@pytest.mark.parametrize(
    "key",
    [bytes(31), bytes(33), bytes(32), P256_ORDER.to_bytes(32), b"\xff" * 32],
    ids=["short", "long", "zero", "the order itself", "beyond the order"],
)
def test_a_sealing_key_that_is_no_private_key_of_p256_is_refused(key: bytes) -> None:
    with pytest.raises(MissingSettings, match="SEALING_KEYS"):
        Settings.read({**COMPLETE, "SEALING_KEYS": f"k1:{b64encode(key).decode()}"})
