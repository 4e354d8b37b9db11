"""Every refusal leaves as `application/problem+json` (RFC 9457) of one shape, in the person's language."""

import json
from functools import lru_cache
from typing import Any

from flask import Response, current_app, g, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from service.http.translations import translate
from service.kernel.errors import Fault, Refusal

MEDIA_TYPE = "application/problem+json"

_TITLES = {
    400: ("请求格式错误", "Bad request"),
    401: ("未登录", "Not signed in"),
    403: ("没有权限", "Forbidden"),
    404: ("没有找到", "Not found"),
    405: ("方法不允许", "Method not allowed"),
    406: ("无法提供所要的格式", "Not acceptable"),
    409: ("冲突", "Conflict"),
    410: ("已失效", "Gone"),
    411: ("缺少内容长度", "Length required"),
    412: ("版本已变化", "Precondition failed"),
    413: ("内容过大", "Content too large"),
    415: ("内容类型不支持", "Unsupported media type"),
    416: ("范围无效", "Range not satisfiable"),
    422: ("内容有误", "Invalid content"),
    426: ("客户端版本过低", "Upgrade required"),
    460: ("校验值不符", "Checksum mismatch"),
    429: ("请求过多", "Too many requests"),
    500: ("服务器出错", "Internal error"),
    503: ("服务暂时不可用", "Service unavailable"),
    507: ("存储空间不足", "Insufficient storage"),
}


def language() -> str:
    """`zh` or `en`, by Accept-Language; Simplified Chinese when nothing else is asked for."""
    if not has_request_context():
        return "zh"
    return _best_of(request.environ.get("HTTP_ACCEPT_LANGUAGE", ""))


def said(words: tuple[str, str]) -> str:
    """Words that are kept in Chinese and in English, as the person reads them."""
    return words[1] if language() == "en" else words[0]


@lru_cache(maxsize=64)  # a list of records asks once for each reason and flag
def _best_of(header: str) -> str:
    accepted = parse_accept_header(header, LanguageAccept)
    return "en" if accepted.best_match(["zh-CN", "zh", "en"], default="zh-CN") == "en" else "zh"


def title(status: int, tongue: str) -> str:
    """The short title of a status."""
    zh, en = _TITLES.get(status, ("请求未完成", "The request was not completed"))
    return en if tongue == "en" else zh


def respond(refusal: Refusal) -> Response:
    """The refusal as an answer."""
    response = _answer(document_of(refusal))
    if refusal.retry_after_s is not None:
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="qianbai"'
    return response


def problem(status: int, *, code: str, detail: str, client_action: str, retryable: bool) -> Response:
    """An answer about a trouble that is no refusal of the house."""
    return _answer(
        _document(status, code=code, detail=detail, client_action=client_action, retryable=retryable)
    )


def document_of(refusal: Refusal) -> dict[str, Any]:
    """The refusal as a problem document, for an answer that tells of many."""
    return _document(
        refusal.status,
        code=refusal.code,
        detail=refusal.text(language()),
        client_action=refusal.client_action,
        retryable=refusal.retryable,
        faults=refusal.faults,
        extra=refusal.extra,
    )


def _document(
    status: int,
    *,
    code: str,
    detail: str,
    client_action: str,
    retryable: bool,
    faults: tuple[Fault, ...] = (),
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Every key of the contract."""
    tongue = language()
    return {
        "type": f"urn:qianbai:problem:{code}",
        "title": title(status, tongue),
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "retryable": retryable,
        "client_action": client_action,
        "errors": [{"pointer": one.pointer, "detail": _say(one, tongue)} for one in faults],
        "trace_id": g.get("request_id", ""),
        **(extra or {}),
    }


def _answer(document: dict[str, Any]) -> Response:
    text = json.dumps(document, ensure_ascii=False, default=str)
    response = current_app.response_class(
        text.encode("utf-8", "backslashreplace"), status=document["status"], mimetype=MEDIA_TYPE
    )
    response.headers["Vary"] = "Accept-Language"
    return response


def _say(fault: Fault, tongue: str) -> str:
    zh, bar, en = fault.zh.partition(" / ")
    if bar and fault.zh == fault.en:  # a schema's own check speaks both languages in one sentence
        return en if tongue == "en" else zh
    return fault.en if tongue == "en" else translate(fault.zh)
