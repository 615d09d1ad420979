"""The browser's part in the local stack: built in the background of the start, then served."""

import os
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scripts import frontend
from scripts.devstack.ports import HOST, is_listening
from scripts.devstack.services import Service, launch, launch_module, tail
from scripts.devstack.state import State

BUILD_SECONDS: Final = 600  # the first time packages are fetched, over whatever network there is
POLL_INTERVAL: Final = 0.1  # seconds


class AppMissing(RuntimeError):
    """The app cannot be had here; the text says why."""


def launch_app_build(state: State, *, dev: bool) -> Service:
    """A job that brings packages up to date, unless for `dev` also the build, and ends."""
    word = "install" if dev else "build"
    return launch_module(state, "scripts.frontend", [word], url="", is_ready=lambda process: process.poll() == 0)


def await_app_build(build: Service) -> None:
    """Waits for the job. Raises `AppMissing`."""
    deadline = time.monotonic() + BUILD_SECONDS
    while build.process.poll() is None and time.monotonic() < deadline:
        time.sleep(POLL_INTERVAL)
    build.stop()
    if build.process.returncode:
        raise AppMissing(f"The app could not be built. The end of {build.log}:\n{tail(build.log)}")


def launch_app(state: State, api: str, webpubsub: str, *, port: int) -> Service:
    """Serves the build; `webpubsub` is a connection string. Its URL is the app's."""
    words: list[str | Path] = ["--folder", frontend.BUILT, "--port", str(port)]
    words += ["--api", _origin(api), "--realtime", live_origin(webpubsub)]
    return launch_module(state, "scripts.devstack.app_server", words, url=app_url(port))


def launch_vite(state: State, api: str, *, port: int) -> Service:
    """Serves the sources, and changes the page as they change. Its URL is the app's."""
    return launch(
        state,
        "vite",
        [frontend.FOLDER / frontend.BIN / "vite", "--host", HOST, "--port", str(port)],
        url=app_url(port),
        is_ready=lambda _: is_listening(port),
        environment=os.environ | {"SRE_API_ORIGIN": _origin(api)},
        working_directory=frontend.FOLDER,
    )


def app_url(port: int) -> str:
    return f"http://{HOST}:{port}"


def live_origin(webpubsub: str) -> str:
    """Where the client of a Web PubSub connection string connects to, such as `ws://127.0.0.1:8080`."""
    parts = dict(part.split("=", 1) for part in webpubsub.split(";") if "=" in part)
    endpoint = urlsplit(parts["Endpoint"])
    return f"{'wss' if endpoint.scheme == 'https' else 'ws'}://{endpoint.netloc}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
