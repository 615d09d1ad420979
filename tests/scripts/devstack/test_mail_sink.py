"""What the local stack sends by e-mail lies in a folder."""

from email import message_from_bytes
from pathlib import Path

from scripts.devstack.environment import mail_settings
from scripts.devstack.stack import launch_mail_sink
from scripts.devstack.state import State
from shared.platform.clock import SystemClock
from shared.platform.ids import TimeOrderedIds
from shared.platform.mail import Mail, Mailer
from tests.shared.platform.offline import offline


async def test_a_mail_becomes_a_file(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state")
    sink = launch_mail_sink(state)
    try:
        sink.await_ready()
        mailer = Mailer(offline(**mail_settings(sink.url)), SystemClock(), TimeOrderedIds())
        await mailer.send(Mail(to="ada@example.com", subject="Hello", text="Read me.\n"))
    finally:
        sink.stop()
    (path,) = (state.mail / "new").iterdir()
    message = message_from_bytes(path.read_bytes())
    assert (message["To"], message["Subject"]) == ("ada@example.com", "Hello")
