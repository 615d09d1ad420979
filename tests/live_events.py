"""The Web PubSub stand-in of a whole stack, in a test's hands."""

from scripts.devstack.environment import api_url
from scripts.devstack.services import Service
from scripts.devstack.stack import launch_webpubsub
from scripts.devstack.state import State


class LiveEvents:
    """One stand-in at one address; started by us, because a stack ends with any service of its own."""

    def __init__(self, state: State, redis: str, *, port: int, api_port: int) -> None:
        self.api_port = api_port
        self._port = port
        self._place = (state, redis)
        self._service = self._launch()

    @property
    def connection_string(self) -> str:
        return self._service.url

    def start(self) -> None:
        """Starts it again where it was, so that those who were connected find it."""
        self._service = self._launch()

    def kill(self) -> None:
        """Ends it as a crash does, without a word to those who are connected."""
        self._service.process.kill()
        self._service.process.wait()

    def stop(self) -> None:
        self._service.stop()

    def _launch(self) -> Service:
        events = f"{api_url(self.api_port)}/realtime/events"
        return launch_webpubsub(*self._place, events=events, port=self._port).await_ready()
