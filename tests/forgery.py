"""Tokens as no library would make them: a corpus of attacks (RFC 8725) on one valid token."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.platform.tokens import MAX_TOKEN_BYTES

_HASHES: Final = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_TIMES: Final = ("iat", "nbf", "exp")


def encoded(part: object) -> str:
    """Encode bytes, or JSON, as a part of a token."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """Makes tokens around those of one kind; `claims` and `header` are a valid token's, `secret` is its key's."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    secret: str

    @property
    def valid(self) -> str:
        return self.forge(self.header, self.claims)

    def forge(self, header: object, claims: object, *, secret: str | None = None, digest: str = "HS256") -> str:
        """Sign anything at all."""
        key = self.secret if secret is None else secret
        signed = f"{encoded(header)}.{encoded(claims)}"
        return f"{signed}.{encoded(hmac.digest(key.encode(), signed.encode(), _HASHES[digest]))}"

    def with_header(self, **changes: object) -> str:
        return self.forge({**self.header, **changes}, self.claims)

    def with_claims(self, **changes: object) -> str:
        return self.forge(self.header, {**self.claims, **changes})

    def without_claim(self, name: str) -> str:
        return self.forge(self.header, {key: value for key, value in self.claims.items() if key != name})

    def raw_claims(self, **changes: str) -> str:
        """Sign claims with JSON that Python would not write."""
        fields = {key: json.dumps(value) for key, value in self.claims.items()} | changes
        return self.forge(self.header, ("{" + ",".join(f'"{k}":{v}' for k, v in fields.items()) + "}").encode())

    def attacks(self) -> dict[str, str]:
        """Return attacks by name; not one of them is a valid token of this kind."""
        return {
            **self._on_algorithms(),
            **self._on_headers(),
            **self._on_claims(),
            **(self._on_times() if "exp" in self.claims else {}),
            **self._on_structure(),
            **self._on_encoding(),
        }

    def _headers(self, name: str, *values: object) -> dict[str, str]:
        return {f"{name} {value!r}": self.with_header(**{name: value}) for value in values}

    def _claims(self, name: str, *values: object) -> dict[str, str]:
        return {f"{name} {value!r}": self.with_claims(**{name: value}) for value in values}

    def _without_header(self, name: str) -> str:
        return self.forge({key: value for key, value in self.header.items() if key != name}, self.claims)

    def _on_algorithms(self) -> dict[str, str]:
        body = encoded(self.claims)
        unsigned = {
            f"alg {name}, unsigned": f"{encoded({**self.header, 'alg': name})}.{body}."
            for name in ("none", "None", "NONE", "nOnE", "none ")
        }
        longer = {
            f"alg {name}, so signed": self.forge({**self.header, "alg": name}, self.claims, digest=name)
            for name in ("HS384", "HS512")
        }
        others = self._headers("alg", "none", "hs256", "HS256 ", "RS256", "ES256", "", None, 256, ["HS256"])
        return {**unsigned, **longer, **others, "no alg": self._without_header("alg")}

    def _on_headers(self) -> dict[str, str]:
        kids = ("unknown", "", "../new", "../../dev/null", "' or 1=1 --", "https://example.com/key", "new\x00")
        return {
            **self._headers("typ", "JWT", self.header["typ"].upper(), "refresh+jwt", "", None, 1),
            **self._headers("typ", f"application/{self.header['typ']}"),
            **self._headers("kid", *kids, "| id", None, 1, ["new"], {}),
            "no typ": self._without_header("typ"),
            "no kid": self._without_header("kid"),
            "empty key": self.forge(self.header, self.claims, secret=""),
            **self._headers("crit", ["exp"], []),
            **self._headers("b64", False),
            **self._headers("jku", "https://example.com/keys"),
            **self._headers("jwk", {"kty": "oct", "k": encoded(b"a" * 32)}),
            **self._headers("x5u", "https://example.com/keys"),
            **self._headers("x5c", ["MIIB"]),
            **self._headers("cty", "JWT"),
            **self._headers("zip", "DEF"),
        }

    def _on_claims(self) -> dict[str, str]:
        audience, issuer, kind = (self.claims[name] for name in ("aud", "iss", "type"))
        return {
            **self._claims("aud", "sre-copilot", f"{audience} ", "", None, 1, [audience], {}),
            **self._claims("iss", "somebody", f"{issuer} ", "", None, 1, [issuer]),
            **self._claims("type", "refresh", kind.upper(), "", None, [kind]),
            **{f"no {name}": self.without_claim(name) for name in ("iss", "aud", "type")},
        }

    def _on_times(self) -> dict[str, str]:
        at, end = self.claims["iat"], self.claims["exp"]
        return {
            **{f"no {name}": self.without_claim(name) for name in (*_TIMES, "jti")},
            **self._claims("exp", at, at - 86_400, -1, True, float(end), str(end), None, [end], {}),
            **self._claims("nbf", end - 60, True, float(at), str(at), None, [at], {}),
            **self._claims("iat", end - 60, True, float(at), str(at), None, [at], {}),
            **{f"{name} infinite": self.raw_claims(**{name: "1e999"}) for name in _TIMES},
            **{f"{name} not a number": self.raw_claims(**{name: "NaN"}) for name in _TIMES},
            "exp of 5000 digits": self.raw_claims(exp="9" * 5_000),
            **self._claims("jti", 1),
        }

    def _on_structure(self) -> dict[str, str]:
        head, body, signature = self.valid.split(".")
        changed = {**self.claims, "user_id": "v", "integration_id": "v"}
        return {
            "claims no object": self.forge(self.header, [self.claims]),
            "claims no JSON": self.forge(self.header, b"{"),
            "claims no UTF-8": self.forge(self.header, b"\xff"),
            "claims nested too deep": self.forge(self.header, b"[" * 5_000),
            "a token in a token": self.forge(self.header, self.valid.encode()),
            "header no object": self.forge(["HS256"], self.claims),
            "header no JSON": self.forge(b"{", self.claims),
            "header no UTF-8": self.forge(b"\xff", self.claims),
            "header nested too deep": f"{encoded(b'[' * 5_000)}.{body}.{signature}",
            "dots": "..",
            "two parts": f"{head}.{body}",
            "unsigned": f"{head}.{body}.",
            "signature cut": self.valid[:-4],
            "four parts": f"{self.valid}.",
            "five parts, as encrypted ones have": f"{self.valid}.{signature}.{signature}",
            "signature of another": f"{head}.{body}.{self.forge(self.header, changed).rpartition('.')[2]}",
            "claims of another": f"{head}.{encoded(changed)}.{signature}",
            "signed with another key": self.forge(self.header, self.claims, secret="x" * 32),
            "over the limit": self.with_claims(padding="p" * MAX_TOKEN_BYTES),
            "a megabyte": self.with_claims(padding="p" * 1_000_000),
        }

    def _on_encoding(self) -> dict[str, str]:
        """The same bytes, written in another way: a token must have one spelling."""
        head, body, signature = self.valid.split(".")
        last = _ALPHABET.index(signature[-1])
        return {
            "bits after the end": f"{head}.{body}.{signature[:-1]}{_ALPHABET[last ^ 1]}",
            "padded signature": f"{self.valid}=",
            "padded header": f"{head}{'=' * (-len(head) % 4 or 4)}.{body}.{signature}",
            "signature with a character to skip": f"{head}.{body}.{signature[:8]}!{signature[8:]}",
            "signature with a line break": f"{head}.{body}.{signature[:8]}\n{signature[8:]}",
            "space before": f" {self.valid}",
            "space in between": f"{head}. {body}.{signature}",
            "line break and more after": f"{self.valid}.\n",
            "not ASCII": f"{self.valid}é",
            "lone surrogate": f"{self.valid}\udcff",
        }
