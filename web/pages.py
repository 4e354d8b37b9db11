"""Pages for people with a browser: what runs here, and the contract to build against."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template

from service.http.contract import NAME, contract_text
from service.http.work import house

_CONTRACT = "qianbai-contract"
_STYLE = (Path(__file__).parent / "style.css").read_bytes()

blueprint = Blueprint("pages", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Place:
    """An address of this installation and what is behind it."""

    path: str
    zh: str
    en: str
    is_link: bool = True


APPS = (
    Place(
        "/m/", "手机应用：走访、签到、照片，离线可用", "Phone app: visits, check-ins and photos, offline too"
    ),
    Place("/hq/", "总部工作台：进展、审核、报表", "Headquarters' desk: progress, reviews and reports"),
)
PLACES = (
    Place("/api/v1/", "手机端接口", "Doors for phones", is_link=False),
    Place("/api/hq/v1/", "总部端接口", "Doors for headquarters", is_link=False),
    Place(f"/{NAME}", "接口文档（OpenAPI 3.1）", "API contract"),
    Place("/healthz", "存活检查", "Alive"),
    Place("/readyz", "就绪检查：数据库与照片库", "Ready: database and photo store"),
    Place("/metrics", "运行指标（Prometheus）", "Metrics"),
    Place("/about", "主办单位与备案信息", "Who runs this"),
)


@blueprint.get("/")
def start() -> str:
    """What runs where, without a secret in it."""
    settings = house().settings
    return render_template(
        "start.html",
        apps=APPS,
        places=PLACES,
        settings=settings,
        store_kind=("对象存储", "object store")
        if settings.store.startswith("s3://")
        else ("文件夹", "folder"),
        operations=_operations(),
    )


@blueprint.get("/style.css")
def style() -> Response:
    """How the pages look."""
    style_sheet = Response(_STYLE, content_type="text/css; charset=utf-8")
    style_sheet.headers["Cache-Control"] = "public, max-age=3600"
    return style_sheet


@blueprint.get(f"/{NAME}")
def contract() -> Response:
    """The contract of exactly the code that answers."""
    extensions = current_app.extensions
    # Written once a process: it takes half a second, which a worker has for nobody twice.
    text = extensions.get(_CONTRACT) or extensions.setdefault(
        _CONTRACT, contract_text(extensions["qianbai-spec"])
    )
    return Response(text, content_type="application/yaml; charset=utf-8")


def _operations() -> int:
    paths = current_app.extensions["qianbai-spec"]["paths"]
    return sum(len(set(path) & {"get", "put", "post", "patch", "delete"}) for path in paths.values())
