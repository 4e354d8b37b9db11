"""What gunicorn refuses before there is a request, in the one problem shape: lines and headers that are no HTTP."""

from gunicorn.http import errors

from service.http.load import Plain

NOT_HTTP = Plain(
    "400 Bad Request",
    "malformed_request",
    "请求格式错误 / Bad request",
    "请求不符合 HTTP 协议 / This is not a valid HTTP request",
)
_TOO_LONG = Plain(
    "414 URI Too Long",
    "uri_too_long",
    "地址过长 / URI too long",
    "请求的地址过长 / The address of the request is too long",
)
_TOO_MANY_HEADERS = Plain(
    "431 Request Header Fields Too Large",
    "headers_too_large",
    "请求头过大 / Request header fields too large",
    "请求头过多或过长 / There are too many headers, or they are too long",
)
_UNKNOWN_CODING = Plain(
    "501 Not Implemented",
    "unknown_transfer_coding",
    "传输编码不支持 / Not implemented",
    "不支持这种传输编码 / This transfer coding is not supported",
)
_EXPECTATION = Plain(
    "417 Expectation Failed",
    "expectation_failed",
    "无法满足 Expect / Expectation failed",
    "无法满足请求头 Expect / The expectation cannot be met",
)
_ANSWERS: tuple[tuple[type[BaseException], Plain], ...] = (
    (errors.LimitRequestLine, _TOO_LONG),
    (errors.LimitRequestHeaders, _TOO_MANY_HEADERS),
    (errors.UnsupportedTransferCoding, _UNKNOWN_CODING),
    (errors.ExpectationFailed, _EXPECTATION),
    (errors.ParseException, NOT_HTTP),
)


_OURS = (errors.ConfigurationProblem, errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)


def refusal_of(error: BaseException) -> Plain | None:
    """The refusal of what was sent; None when the fault is ours."""
    if isinstance(error, _OURS):
        return None
    return next((plain for kind, plain in _ANSWERS if isinstance(error, kind)), None)


def as_response(plain: Plain) -> bytes:
    """The whole answer, after which the connection is closed."""
    body = plain.document("")
    head = (
        f"HTTP/1.1 {plain.status}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
