"""A browser with our page open: it keeps cookies, and the page sends the CSRF token that it was told."""

from http.cookies import SimpleCookie
from typing import Any

from scripts.proof.functions import Response
from tests.fixtures import PASSWORD, App

ACCESS = "__Host-sre_access"
REFRESH = "__Secure-sre_refresh"


class Browser:
    def __init__(self, app: App) -> None:
        self.app = app
        self.cookies: dict[str, str] = {}
        self.csrf_token = ""

    async def sign_in(self, email: str, password: str = PASSWORD) -> Response:
        return await self.call("POST", "auth/login", {"email": email, "password": password})

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> Response:
        sent = {name: value for name, value in self.cookies.items() if name == ACCESS or path.startswith("auth/")}
        given = {"cookie": "; ".join(f"{name}={value}" for name, value in sent.items())}
        given |= {"x-csrf-token": self.csrf_token} if self.csrf_token else {}
        answer = await self.app.call(method, path, body, headers=given | (headers or {}))
        for text in answer.cookies:
            for name, cookie in SimpleCookie(text).items():
                self.cookies[name] = cookie.value
                if cookie["max-age"] == "0":
                    del self.cookies[name]
        if answer.content and isinstance(answer.json, dict):
            self.csrf_token = answer.json.get("csrf_token") or self.csrf_token
        return answer

    def copy(self) -> "Browser":
        """Return another tab of this browser; or what a thief of its cookies has."""
        other = Browser(self.app)
        other.cookies, other.csrf_token = dict(self.cookies), self.csrf_token
        return other
