"""E-mail against a real SMTP server."""

import ipaddress
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.kernel.errors import Unavailable
from shared.platform.clock import SystemClock
from shared.platform.ids import TimeOrderedIds
from shared.platform.mail import Mail, MailAway, Mailer, MailOff, MailRefused
from shared.platform.mail_format import compose
from tests.mailbox import Letterbox, letterbox
from tests.shared.platform.offline import offline

MAIL = Mail(to="ada@example.com", subject="Checkout is down", text="Look at once.\n")


@pytest.fixture
async def box() -> AsyncIterator[Letterbox]:
    async with letterbox() as found:
        yield found


def mailer(url: str, **options: Any) -> Mailer:
    settings = offline(SMTP_URL=url, MAIL_FROM="SRE Copilot <sre@example.com>")
    return Mailer(settings, SystemClock(), TimeOrderedIds(), **options)


def plain(box: Letterbox) -> Mailer:
    return mailer(f"smtp+plain://127.0.0.1:{box.port}")


async def test_a_mail_arrives_as_it_was_written(box: Letterbox) -> None:
    await plain(box).send(
        Mail(
            to="ada@example.com",
            subject="Kasse: langsam — 遅い",
            text="Grüße\n",
            html="<p>Grüße</p>",
            headers={"Message-ID": "<one@example.com>", "References": "<zero@example.com>"},
        )
    )
    (letter,) = box.letters
    assert (letter.sender, letter.recipients) == ("sre@example.com", ["ada@example.com"])
    assert letter.message["From"] == "SRE Copilot <sre@example.com>"
    assert letter.message["To"] == "ada@example.com"
    assert letter.message["Subject"] == "Kasse: langsam — 遅い"
    assert letter.message.get_all("Message-ID") == ["<one@example.com>"]
    assert letter.message["References"] == "<zero@example.com>"
    assert letter.message["Auto-Submitted"] == "auto-generated"
    text, html = letter.message.iter_parts()
    assert text.get_content().strip() == "Grüße"
    assert html.get_content().strip() == "<p>Grüße</p>"


async def test_every_mail_has_a_date_and_an_id_of_its_own(box: Letterbox) -> None:
    for _ in range(2):
        await plain(box).send(MAIL)
    first, second = (letter.message for letter in box.letters)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Message-ID"].endswith("@example.com>")
    assert abs(first["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "to",
    [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>",
        "ada",
        "",
        "ada@",
        "@example.com",
        "a\x00da@example.com",
        "\ud800@example.com",
        "ünï@example.com",
        "ada@" + "x" * 64 + ".com",
    ],
)
async def test_what_is_not_one_plain_address_is_refused_for_good(box: Letterbox, to: str) -> None:
    with pytest.raises(MailRefused):
        await plain(box).send(Mail(to=to, subject="x", text="x"))
    assert box.letters == []


async def test_a_domain_of_another_alphabet_is_reached_by_the_name_that_servers_know(box: Letterbox) -> None:
    await plain(box).send(Mail(to="ada@bücher.example", subject="x", text="x"))
    assert box.letters[0].recipients == ["ada@xn--bcher-kva.example"]


@pytest.mark.parametrize("text", ["a\r\nBcc: eve@example.com", "a\nb", "a\x00b\x1b[31m", "a\u2028b\u202ec\ud800"])
async def test_a_subject_stays_one_line_and_adds_no_header(box: Letterbox, text: str) -> None:
    await plain(box).send(Mail(to="ada@example.com", subject=text, text=text, html=text))
    (letter,) = box.letters
    assert letter.message["Bcc"] is None
    assert letter.message["Subject"].isprintable()
    assert letter.recipients == ["ada@example.com"]


def test_a_header_with_a_line_break_is_refused() -> None:
    mail = Mail(to="ada@example.com", subject="x", text="x", headers={"References": "<a>\r\nBcc: eve@example.com"})
    with pytest.raises(MailRefused):
        compose(mail, sender="sre@example.com", at="Sat, 01 Jan 2028 00:00:00 +0000", message_id="<1@example.com>")


async def test_a_long_subject_is_cut(box: Letterbox) -> None:
    await plain(box).send(Mail(to="ada@example.com", subject="ü" * 5_000, text="x"))
    assert box.letters[0].message["Subject"] == "ü" * 200


def test_a_link_stays_in_one_piece_in_the_mail_s_source() -> None:
    link = f"https://app.example.com/reset-password#token={'a' * 107}"
    mail = Mail(to="ada@example.com", subject="x", text=f"Here:\n{link}\n")
    made = compose(mail, sender="sre@example.com", at="Sat, 01 Jan 2028 00:00:00 +0000", message_id="<1@example.com>")
    assert link in made.as_string()


async def test_a_line_that_begins_with_a_dot_arrives_whole(box: Letterbox) -> None:
    await plain(box).send(Mail(to="ada@example.com", subject="x", text="one\n.\n.two\n"))
    assert box.letters[0].message.get_content() == "one\r\n.\r\n.two\r\n"


@pytest.mark.parametrize(("answer", "expected"), [("451 Later", MailAway), ("550 Nobody here", MailRefused)])
@pytest.mark.parametrize("place", ["answer_to_recipient", "answer_to_content"])
async def test_the_server_s_answer_says_whether_to_try_again(
    box: Letterbox, place: str, answer: str, expected: type[Exception]
) -> None:
    setattr(box, place, answer)
    with pytest.raises(expected) as refusal:
        await plain(box).send(MAIL)
    assert str(refusal.value) == f"answered {answer[:3]}"
    assert isinstance(refusal.value, Unavailable) is (expected is MailAway)


async def test_a_server_that_is_away_can_be_tried_again() -> None:
    with pytest.raises(MailAway):
        await mailer("smtp+plain://127.0.0.1:1").send(MAIL)


async def test_a_silent_server_is_given_up_at_the_deadline(silent_port: int) -> None:
    with pytest.raises(MailAway, match="within"):
        await mailer(f"smtp+plain://127.0.0.1:{silent_port}", deadline=0.1).send(MAIL)


async def test_without_a_server_mail_is_off_and_says_so() -> None:
    off = Mailer(offline(), SystemClock(), TimeOrderedIds())
    assert not off.is_on
    with pytest.raises(MailOff, match="SMTP_URL"):
        await off.send(MAIL)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that nobody else has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("mail") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture(scope="module")
def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(scope="module")
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


async def test_it_signs_in_once_the_connection_is_encrypted(server_side: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    async with letterbox(starttls=server_side) as box:
        await mailer(f"smtp://ada:right@127.0.0.1:{box.port}", trust=trust).send(MAIL)
    (letter,) = box.letters
    assert (letter.user, letter.is_encrypted) == ("ada", True)


async def test_it_signs_in_where_all_is_encrypted(server_side: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    async with letterbox(tls=server_side) as box:
        await mailer(f"smtps://a%40da:right@127.0.0.1:{box.port}", trust=trust).send(MAIL)
    assert box.letters[0].user == "a@da"


async def test_a_wrong_password_waits_for_whoever_runs_the_deployment(
    server_side: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    async with letterbox(starttls=server_side) as box:
        with pytest.raises(MailAway):
            await mailer(f"smtp://ada:wrong@127.0.0.1:{box.port}", trust=trust).send(MAIL)
    assert box.letters == []


async def test_a_server_without_starttls_gets_neither_password_nor_mail(trust: ssl.SSLContext) -> None:
    async with letterbox() as box:
        with pytest.raises(MailAway):
            await mailer(f"smtp://ada:right@127.0.0.1:{box.port}", trust=trust).send(MAIL)
    assert box.letters == []


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(server_side: ssl.SSLContext) -> None:
    async with letterbox(starttls=server_side) as box:
        with pytest.raises(MailAway):
            await mailer(f"smtp://ada:right@127.0.0.1:{box.port}").send(MAIL)
    assert box.letters == []
