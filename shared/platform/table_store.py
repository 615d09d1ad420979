"""Azure Table Storage: where calls are audited."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from shared.kernel.errors import Invalid, Unavailable
from shared.platform.entra import Identity
from shared.platform.queues import STORAGE_CLIENT
from shared.platform.settings import StorageAccess
from shared.platform.table_batch import HEADERS, is_written, replacing

if TYPE_CHECKING:
    from azure.data.tables.aio import TableServiceClient

API_CALLS: Final = "apicalls"
# A row that is wrong or too large. Every other refusal (no permission, no table, too often) heals without changing it.
_NEVER: Final = {400, 413}
_PAGE_ROWS: Final = 1_000  # what the service gives at most


class TablesAway(Unavailable):
    title = "Table storage is unavailable. Try again later."


class RowsRefused(Invalid):
    """One of the rows at least can never be stored. `detail` is the service's name for the reason."""

    title = "Table storage permanently rejected these rows."


class TableStore:
    """The tables of a deployment."""

    def __init__(self, access: StorageAccess) -> None:
        self._access = access
        self._identity = Identity(access.client_id)
        self._service: TableServiceClient | None = None

    async def create(self) -> None:
        """Create the tables that do not exist yet."""
        await self._connected().create_table_if_not_exists(API_CALLS)

    async def upsert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows of one partition, a hundred at most, all or none, over those of the same key.

        Raises `RowsRefused`, and `TablesAway`; whether they were written is not known then.
        """
        from azure.core.exceptions import AzureError, HttpResponseError  # noqa: PLC0415 - not needed to start

        try:
            if not await self._replace_all(table, rows):
                await self._replace_each(table, rows)
        except (AzureError, OSError, TimeoutError) as error:
            if isinstance(error, HttpResponseError) and error.status_code in _NEVER:
                raise RowsRefused(str(getattr(error, "error_code", None) or error.reason)) from error
            raise TablesAway from error

    async def _replace_all(self, table: str, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Write rows by a body of our own, and say whether the service took it."""
        from azure.core.rest import HttpRequest  # noqa: PLC0415 - as above

        service = self._connected()
        content = replacing(service.url, table, rows)
        request = HttpRequest("POST", f"{service.url}/$batch", headers=HEADERS, content=content)
        # Signing, deadlines and connections are the library's; only it has no public way to send what it did not write.
        answer = await service._client.send_request(request, stream=True)  # noqa: SLF001
        return is_written(await answer.read(), len(rows))

    async def _replace_each(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows by the library, which raises what the service has against them."""
        from azure.data.tables import UpdateMode  # noqa: PLC0415 - as above

        replace = {"mode": UpdateMode.REPLACE}
        await self._connected().get_table_client(table).submit_transaction([("upsert", row, replace) for row in rows])

    async def find(
        self, table: str, query: str, values: Mapping[str, Any], *, most: int, fields: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """Return the first rows, `most` at most, that an OData filter with `@names` of `values` lets pass.

        They come in the order of their keys. Fewer than `most` are all there are. Raises `TablesAway`.
        """
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        found: list[dict[str, Any]] = []
        try:
            pages = self._connected().get_table_client(table).query_entities(
                query, parameters=dict(values), results_per_page=min(most, _PAGE_ROWS), select=fields
            ).by_page()  # fmt: skip
            async for page in pages:
                found += [dict(row) async for row in page]
                if len(found) >= most:
                    break
        except (AzureError, OSError, TimeoutError) as error:
            raise TablesAway from error
        return found[:most]

    async def delete(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Delete rows of one partition, a hundred at most, all or none. Raises `TablesAway`, also where one is gone."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        keys = [{"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]} for row in rows]
        try:
            await self._connected().get_table_client(table).submit_transaction([("delete", key) for key in keys])
        except (AzureError, OSError, TimeoutError) as error:
            raise TablesAway from error

    async def ping(self) -> None:
        """Raise when the service does not answer."""
        async for _ in (
            self._connected().get_table_client(API_CALLS).query_entities("PartitionKey eq 'health'", results_per_page=1)
        ):
            break

    async def close(self) -> None:
        if self._service is not None:
            await self._service.close()
        await self._identity.close()

    def _connected(self) -> "TableServiceClient":
        if self._service is None:
            from azure.data.tables.aio import TableServiceClient  # noqa: PLC0415 - not needed to start

            if given := self._access.connection_string.get_secret_value():
                self._service = TableServiceClient.from_connection_string(given, **STORAGE_CLIENT)
            else:
                self._service = TableServiceClient(
                    self._access.table_service_uri, credential=self._identity.credential, **STORAGE_CLIENT
                )
        return self._service
