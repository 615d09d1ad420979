"""What is written once is never another's, and never nothing."""

from uuid import uuid4

import pytest

from shared.platform.blob_store import AUDIT_SEALS, BlobsAway, BlobStore
from shared.platform.settings import Settings


class Deleted(BlobStore):
    """Somebody deletes what is there before it is read."""

    async def read(self, container: str, name: str) -> bytes | None:
        await self._container(container).delete_blob(name)
        return await super().read(container, name)


async def test_the_first_content_stays(settings: Settings) -> None:
    blobs, name = BlobStore(settings.storage_access), uuid4().hex
    assert await blobs.write_once(AUDIT_SEALS, name, b"first") == b"first"
    assert await blobs.write_once(AUDIT_SEALS, name, b"second") == b"first"
    await blobs.close()


async def test_a_blob_that_goes_while_it_is_looked_at_is_no_empty_one(settings: Settings) -> None:
    blobs, name = Deleted(settings.storage_access), uuid4().hex
    await blobs.write_once(AUDIT_SEALS, name, b"first")
    with pytest.raises(BlobsAway):
        await blobs.write_once(AUDIT_SEALS, name, b"second")
    assert await blobs.write_once(AUDIT_SEALS, name, b"second") == b"second"
    await blobs.close()
