"""Signed webhooks, verified by the scheme's own library."""

import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from shared.notifications.signing import headers, key_of, secret_of

SECRET = secret_of(b"k" * 32)
BODY = '{"type":"incident.created","title":"Überlast"}'.encode()


def test_the_scheme_s_own_library_takes_our_signature() -> None:
    signed = headers(SECRET, "msg_1", int(time.time()), BODY)
    assert Webhook(SECRET).verify(BODY, signed) == {"type": "incident.created", "title": "Überlast"}


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "webhook-signature", "body"])
def test_whatever_is_changed_is_noticed(changed: str) -> None:
    now = int(time.time())
    signed = headers(SECRET, "msg_1", now, BODY)
    other = headers(SECRET, "msg_2", now - 1, BODY + b" ")
    body = BODY + b" " if changed == "body" else BODY
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, signed | ({changed: other[changed]} if changed != "body" else {}))


def test_our_signature_is_the_one_of_the_scheme_s_example() -> None:
    signed = headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_!!!!", secret_of(b"k" * 23), secret_of(b"k" * 65), SECRET.removeprefix("whsec_")]
)
def test_a_secret_is_a_prefix_and_a_key_of_some_length(secret: str) -> None:
    with pytest.raises(ValueError, match=r"whsec_|base64|Only"):
        key_of(secret)
