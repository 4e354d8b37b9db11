"""How much of a body is read, at most."""

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from service.kernel.errors import Malformed, TooLarge


def body_bytes(request: Request) -> bytes:
    """The whole JSON body.

    Raises:
        TooLarge: it is over the limit for JSON, by its length header or by what arrives.
        Malformed: the sender hung up in the middle.
    """
    limit = request.max_content_length or 0  # only what has a limit can be past it
    try:
        return request.get_data(cache=True)
    except RequestEntityTooLarge as error:
        raise TooLarge(limit=limit) from error
    except ClientDisconnected as error:
        raise Malformed(reason_zh="连接中断", reason_en="the connection was cut") from error
