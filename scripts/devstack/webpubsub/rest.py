"""The REST data plane, version 2024-12-01. Every answer has the very status for which the SDKs look."""

import time
from collections.abc import Collection, Iterable
from typing import Annotated, Any

import jwt
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError
from redis.exceptions import RedisError

from scripts.devstack.webpubsub import protocol, roles, tokens
from scripts.devstack.webpubsub.broker import Broker
from scripts.devstack.webpubsub.commands import Close, Deliver, JoinGroups, LeaveGroups, SetRoles
from scripts.devstack.webpubsub.connections import Target, TargetKind
from scripts.devstack.webpubsub.directory import Entry
from scripts.devstack.webpubsub.odata import InvalidFilter, compile_filter

API_VERSION = "2024-12-01"
MAX_PAGE = 200

HUB = "/api/hubs/{hub}"
GROUP = HUB + "/groups/{group}"
USER = HUB + "/users/{user}"
CONNECTION = HUB + "/connections/{connection}"
MEMBERSHIP = GROUP + "/connections/{connection}"
USER_MEMBERSHIP = USER + "/groups/{group}"
PERMISSION = HUB + "/permissions/{permission}/connections/{connection}"

REPEATED = frozenset({"excluded", "role", "group"})

_hub_name: TypeAdapter[str] = TypeAdapter(protocol.HubName)
_group_name: TypeAdapter[str] = TypeAdapter(protocol.GroupName)


class SendQuery(BaseModel):
    excluded: frozenset[str] = frozenset()
    filter: str | None = None
    ttl: int = Field(0, alias="messageTtlSeconds", ge=0, le=300)


class CloseQuery(BaseModel):
    excluded: frozenset[str] = frozenset()
    reason: str = "Closed by REST API."


class PageQuery(BaseModel):
    size: int = Field(MAX_PAGE, alias="maxpagesize", ge=1, le=MAX_PAGE)
    top: int | None = Field(None, ge=1)
    after: str = Field("", alias="continuationToken")


class TokenQuery(BaseModel):
    user_id: str | None = Field(None, alias="userId")
    roles: list[str] = Field([], alias="role")
    groups: list[protocol.GroupName] = Field([], alias="group")
    minutes: int = Field(60, alias="minutesToExpire", ge=1)
    client_type: Annotated[str, StringConstraints(pattern="^(?i:default)$")] = Field("Default", alias="clientType")


class GroupsBody(BaseModel):
    groups: frozenset[protocol.GroupName] = Field(min_length=1)
    filter: str | None = None


def routes(broker: Broker) -> list[web.RouteDef]:
    api = RestApi(broker)
    return [
        web.get("/api/health", api.health),
        web.post(f"{HUB}/:generateToken", api.generate_token),
        *(web.post(f"{path}/:send", api.send) for path in (HUB, GROUP, USER, CONNECTION)),
        *(web.post(f"{path}/:closeConnections", api.close) for path in (HUB, GROUP, USER)),
        web.delete(CONNECTION, api.close),
        web.head(CONNECTION, api.connection_exists),
        web.head(GROUP, api.group_exists),
        web.head(USER, api.user_exists),
        web.get(f"{GROUP}/connections", api.list_connections, allow_head=False),
        web.put(MEMBERSHIP, api.add_connection),
        web.delete(MEMBERSHIP, api.remove_connection),
        web.delete(f"{CONNECTION}/groups", api.remove_connection_from_all),
        web.put(USER_MEMBERSHIP, api.add_user),
        web.delete(USER_MEMBERSHIP, api.remove_user),
        web.delete(f"{USER}/groups", api.remove_user),
        web.post(f"{HUB}/:addToGroups", api.add_to_groups),
        web.post(f"{HUB}/:removeFromGroups", api.remove_from_groups),
        web.put(PERMISSION, api.grant_permission),
        web.delete(PERMISSION, api.revoke_permission),
        web.head(PERMISSION, api.has_permission),
    ]


def middlewares(broker: Broker) -> list[Middleware]:
    """Who may call, and what failures look like."""
    key = broker.settings.access_key

    @web.middleware
    async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/api/hubs/"):
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            try:
                tokens.check_rest_token(token if scheme.lower() == "bearer" else "", key, request.raw_path)
            except jwt.InvalidTokenError as error:
                raise web.HTTPUnauthorized(text=str(error)) from error
        return await handler(request)

    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Bad input is the caller's fault and Redis is ours; the SDKs repeat a call after 503."""
        try:
            return await handler(request)
        except (ValidationError, InvalidFilter) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        except RedisError as error:
            raise web.HTTPServiceUnavailable(text=f"Redis is away: {error}") from error

    return [authorise, explain]


class RestApi:
    """The handlers of one process."""

    def __init__(self, broker: Broker) -> None:
        self._bus = broker.bus
        self._directory = broker.directory
        self._key = broker.settings.access_key

    async def health(self, _: web.Request) -> web.Response:
        return web.Response(status=200 if self._bus.is_subscribed else 503)

    async def generate_token(self, request: web.Request) -> web.Response:
        query = _query(request, TokenQuery)
        token = tokens.issue_client_token(
            self._key,
            audience=str(request.url.origin() / "client/hubs" / request.match_info["hub"]),
            user_id=query.user_id,
            roles=query.roles,
            groups=query.groups,
            lifetime=query.minutes * 60,
        )
        return web.json_response({"token": token})

    async def send(self, request: web.Request) -> web.Response:
        query = _query(request, SendQuery)
        if query.filter:
            compile_filter(query.filter)
        if request.content_type not in protocol.CONTENT_TYPES:
            raise web.HTTPUnsupportedMediaType(text=f"Send one of {', '.join(protocol.CONTENT_TYPES)}.")
        target = _target(request)
        try:
            payload = protocol.payload_of(request.content_type, await request.read())
            message = (
                protocol.group_message(target.name, payload)
                if target.kind is TargetKind.GROUP
                else protocol.server_message(payload)
            )
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"The body is not {request.content_type}.") from error
        await self._bus.publish(
            Deliver(
                hub=_hub(request),
                target=target,
                message=message,
                excluded=query.excluded,
                filter=query.filter,
                deadline=time.time() + query.ttl if query.ttl else None,
            )
        )
        return web.Response(status=202)

    async def close(self, request: web.Request) -> web.Response:
        query = _query(request, CloseQuery)
        await self._bus.publish(
            Close(hub=_hub(request), target=_target(request), reason=query.reason, excluded=query.excluded)
        )
        return web.Response(status=204)

    async def connection_exists(self, request: web.Request) -> web.Response:
        return _existence(found=await self._directory.find(_hub(request), request.match_info["connection"]) is not None)

    async def group_exists(self, request: web.Request) -> web.Response:
        return _existence(found=await self._directory.has_group(_hub(request), _group(request)))

    async def user_exists(self, request: web.Request) -> web.Response:
        return _existence(found=await self._directory.has_user(_hub(request), request.match_info["user"]))

    async def list_connections(self, request: web.Request) -> web.Response:
        query = _query(request, PageQuery)
        limit = min(query.size, query.top or query.size)
        members, last = await self._directory.members(_hub(request), _group(request), after=query.after, limit=limit)
        page: dict[str, Any] = {"value": [_member(entry) for entry in members]}
        remaining = query.top and query.top - limit
        if last is not None and remaining != 0:
            page["nextLink"] = _next_page(request, query.size, after=last, top=remaining)
        return web.json_response(page)

    async def add_connection(self, request: web.Request) -> web.Response:
        return await self._join(request, [await self._connection(request)], [_group(request)])

    async def remove_connection(self, request: web.Request) -> web.Response:
        return await self._leave(request, [await self._connection(request)], [_group(request)])

    async def remove_connection_from_all(self, request: web.Request) -> web.Response:
        entry = await self._directory.find(_hub(request), request.match_info["connection"])
        return await self._leave(request, [entry] if entry else [], None)

    async def add_user(self, request: web.Request) -> web.Response:
        entries = await self._directory.of_user(_hub(request), request.match_info["user"])
        if not entries:
            raise web.HTTPNotFound(text="No such user is connected.")
        return await self._join(request, entries, [_group(request)])

    async def remove_user(self, request: web.Request) -> web.Response:
        """From the group of the path; from all of them when it names none."""
        entries = await self._directory.of_user(_hub(request), request.match_info["user"])
        return await self._leave(request, entries, [_group(request)] if "group" in request.match_info else None)

    async def add_to_groups(self, request: web.Request) -> web.Response:
        body = GroupsBody.model_validate_json(await request.read())
        return await self._join(request, await self._matching(request, body.filter), body.groups)

    async def remove_from_groups(self, request: web.Request) -> web.Response:
        body = GroupsBody.model_validate_json(await request.read())
        return await self._leave(request, await self._matching(request, body.filter), body.groups, status=200)

    async def grant_permission(self, request: web.Request) -> web.Response:
        entry = await self._connection(request)
        await self._set_roles(request, entry, roles.grant(entry.roles, *_permission(request)))
        return web.Response()

    async def revoke_permission(self, request: web.Request) -> web.Response:
        entry = await self._connection(request)
        await self._set_roles(request, entry, roles.revoke(entry.roles, *_permission(request)))
        return web.Response(status=204)

    async def has_permission(self, request: web.Request) -> web.Response:
        entry = await self._directory.find(_hub(request), request.match_info["connection"])
        return _existence(found=entry is not None and roles.allows(entry.roles, *_permission(request)))

    async def _connection(self, request: web.Request) -> Entry:
        entry = await self._directory.find(_hub(request), request.match_info["connection"])
        if entry is None:
            raise web.HTTPNotFound(text="No such connection.")
        return entry

    async def _matching(self, request: web.Request, text: str | None) -> list[Entry]:
        entries = await self._directory.of_hub(_hub(request))
        return list(filter(compile_filter(text), entries)) if text else entries

    async def _join(self, request: web.Request, entries: Iterable[Entry], groups: Collection[str]) -> web.Response:
        ids = frozenset(entry.id for entry in entries)
        command = JoinGroups(hub=_hub(request), connections=ids, groups=frozenset(groups))
        await self._bus.publish(command, lambda pipeline: self._directory.join(pipeline, command))
        return web.Response()

    async def _leave(
        self, request: web.Request, entries: Collection[Entry], groups: Collection[str] | None, *, status: int = 204
    ) -> web.Response:
        command = LeaveGroups(
            hub=_hub(request),
            connections=frozenset(entry.id for entry in entries),
            groups=None if groups is None else frozenset(groups),
        )
        await self._bus.publish(command, lambda pipeline: self._directory.leave(pipeline, command, entries))
        return web.Response(status=status)

    async def _set_roles(self, request: web.Request, entry: Entry, changed: frozenset[str]) -> None:
        command = SetRoles(hub=_hub(request), connection=entry.id, roles=changed)
        await self._bus.publish(command, lambda pipeline: self._directory.set_roles(pipeline, command, entry))


def _query[Q: BaseModel](request: web.Request, model: type[Q]) -> Q:
    return model.model_validate(
        {name: request.query.getall(name) if name in REPEATED else request.query[name] for name in request.query}
    )


def _hub(request: web.Request) -> str:
    """Hubs are told apart without case."""
    return _hub_name.validate_python(request.match_info["hub"]).lower()


def _group(request: web.Request) -> str:
    return _group_name.validate_python(request.match_info["group"])


def _target(request: web.Request) -> Target:
    match dict(request.match_info):
        case {"group": _}:
            return Target(TargetKind.GROUP, _group(request))
        case {"user": user}:
            return Target(TargetKind.USER, user)
        case {"connection": connection}:
            return Target(TargetKind.CONNECTION, connection)
        case _:
            return Target(TargetKind.ALL)


def _permission(request: web.Request) -> tuple[roles.Permission, str | None]:
    try:
        permission = roles.Permission(request.match_info["permission"])
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return permission, request.query.get("targetName")


def _next_page(request: web.Request, size: int, *, after: str, top: int | None) -> str:
    query: dict[str, str | int] = {"api-version": API_VERSION, "maxpagesize": size, "continuationToken": after}
    return str(request.url.with_query(query if top is None else query | {"top": top}))


def _member(entry: Entry) -> dict[str, str]:
    return {"connectionId": entry.id} | ({} if entry.user_id is None else {"userId": entry.user_id})


def _existence(*, found: bool) -> web.Response:
    return web.Response(status=200 if found else 404)
