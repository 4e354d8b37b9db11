"""Large objects in an S3 bucket: parts are sent to presigned addresses, listed, and put together by the server."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from media.errors import NotFound
from media.stores.protocol import OpenParts, Part, UploadGrant
from media.stores.s3_faults import translated

Address = dict[str, Any]


class S3Parts:
    """The multipart interface of a bucket, on the connections of its store."""

    def __init__(
        self,
        client: Callable[[], Any],
        address: Callable[[str], Address],
        presigned: Callable[[str, Address, int], str],
    ) -> None:
        self._client, self._address, self._presigned = client, address, presigned

    def begin(self, key: str, *, content_type: str) -> str:
        """See PartsStore."""
        with translated(key):
            begun = self._client().create_multipart_upload(**self._address(key), ContentType=content_type)
        return str(begun["UploadId"])

    def grant(self, key: str, parts_id: str, *, number: int, size: int, seconds: int) -> UploadGrant:
        """See PartsStore; the sender's HTTP client states Content-Length by itself, and it is signed."""
        asked = self._address(key) | {"UploadId": parts_id, "PartNumber": number, "ContentLength": size}
        url = self._presigned("upload_part", asked, seconds)
        signed = parse_qs(urlsplit(url).query)["X-Amz-Date"][0]
        expires = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp() + seconds
        return UploadGrant("PUT", url, {}, datetime.fromtimestamp(expires, UTC))

    def arrived(self, key: str, parts_id: str) -> list[Part]:
        """See PartsStore."""
        with translated(key):
            pages = (
                self._client().get_paginator("list_parts").paginate(**self._address(key), UploadId=parts_id)
            )
            found = [
                Part(part["PartNumber"], part["Size"], part["ETag"])
                for page in pages
                for part in page.get("Parts", ())
            ]
        return sorted(found, key=lambda part: part.number)

    def put_together(self, key: str, parts_id: str, parts: Iterable[Part]) -> None:
        """See PartsStore."""
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        with translated(key):
            self._client().complete_multipart_upload(
                **self._address(key), UploadId=parts_id, MultipartUpload={"Parts": listed}
            )

    def give_up(self, key: str, parts_id: str) -> None:
        """See PartsStore."""
        with contextlib.suppress(NotFound), translated(key):
            self._client().abort_multipart_upload(**self._address(key), UploadId=parts_id)

    def unfinished(self, prefix: str) -> Iterator[OpenParts]:
        """See PartsStore."""
        begins = self._address(prefix)
        asked = {"Bucket": begins["Bucket"], "Prefix": begins["Key"]}
        cut = len(begins["Key"]) - len(prefix)
        with translated(prefix):
            for page in self._client().get_paginator("list_multipart_uploads").paginate(**asked):
                for one in page.get("Uploads", ()):
                    yield OpenParts(one["Key"][cut:], one["UploadId"], one["Initiated"])
