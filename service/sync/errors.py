"""What a pull may be refused for."""

from typing import Any

from service.kernel.errors import Refusal


class CursorExpired(Refusal):
    """The cursor is too old, another person's, or of a history that is no more: the phone pulls anew from nothing."""

    status = 410
    code = "cursor_expired"
    zh = "同步游标已失效，请清空本机下载的数据后重新同步；未上传的记录不受影响"
    en = "The cursor has expired: drop what was pulled and pull from the start; what waits to be sent stays"

    def __init__(self, **details: Any) -> None:
        """Say in the body that everything starts anew."""
        super().__init__(extra={"reset": True}, **details)
