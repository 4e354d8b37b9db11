"""Files that offices hand in, as one multipart field named `file`."""

from typing import Any

import marshmallow as ma
from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from service.http.parsing import load
from service.http.work import house
from service.kernel.errors import Malformed, TooLarge, fault

FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""What a view that takes a file says in the contract: `@blueprint.doc(**FILE_BODY)`."""


def uploaded_file() -> tuple[str, bytes]:
    """The name and the bytes of the file; read it outside a transaction, for it may take minutes to arrive.

    Raises:
        Invalid: there is no field `file`.
        TooLarge: it is over the limit for imports.
        Malformed: the sender hung up in the middle.
    """
    limit = house().settings.import_limit_bytes
    request.max_content_length = limit
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge as error:
        raise TooLarge(limit=limit) from error
    except ClientDisconnected as error:
        raise Malformed(reason_zh="连接中断", reason_en="the connection was cut") from error
    if file is None:
        raise fault("/file", "请上传文件", "A file is required")
    return file.filename or "", file.read()


def file_fields(schema: ma.Schema) -> dict[str, Any]:
    """What stands in the form beside the file, of what the schema knows; what is not there is left out.

    Raises:
        Invalid: a field is unknown or wrong.
    """
    sent = request.form.to_dict()
    read: dict[str, Any] = load(schema, sent)
    return {name: read[name] for name in sent}
