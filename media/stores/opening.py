"""One setting names the store: a folder, or `s3://bucket/prefix?profile=…&endpoint=…&region=…&public=…`.

Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, a private certificate authority
from AWS_CA_BUNDLE. Nothing is looked up over the network, and nothing is contacted until the store is used.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from media.errors import StoreMisconfigured
from media.stores.folder import FolderStore
from media.stores.profiles import PROFILES, Profile
from media.stores.protocol import ObjectStore
from media.stores.s3 import S3Address, S3Store

_OPTIONS = {"profile", "endpoint", "region", "public"}


def open_store(setting: str, environment: Mapping[str, str]) -> ObjectStore:
    """The store that a setting names; raises StoreMisconfigured with what is wrong."""
    if not setting.startswith("s3://"):
        return FolderStore(Path(setting))
    return S3Store(read_address(setting, environment))


def read_address(setting: str, environment: Mapping[str, str]) -> S3Address:
    """The parts of an `s3://` setting; the profile is `aws` without an endpoint and `other` with one."""
    parts = urlsplit(setting)
    options = _options(parts)
    if not parts.hostname:
        raise StoreMisconfigured("the store's address names no bucket", setting=setting)
    endpoint = _web_address(options.get("endpoint"))
    return S3Address(
        bucket=parts.netloc,
        access_key=_needed(environment, "AWS_ACCESS_KEY_ID"),
        secret_key=_needed(environment, "AWS_SECRET_ACCESS_KEY"),
        profile=_profile(options.get("profile") or ("other" if endpoint else "aws")),
        prefix=parts.path.strip("/"),
        region=options.get("region") or environment.get("AWS_REGION") or "us-east-1",
        endpoint=endpoint,
        public_endpoint=_web_address(options.get("public")),
        session_token=environment.get("AWS_SESSION_TOKEN") or None,
        ca_bundle=environment.get("AWS_CA_BUNDLE") or None,
    )


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query))
    if unknown := sorted(options.keys() - _OPTIONS):
        raise StoreMisconfigured("the store's address has unknown options", options=", ".join(unknown))
    return options


def _profile(name: str) -> Profile:
    if name not in PROFILES:
        raise StoreMisconfigured("no such store profile", profile=name, known=", ".join(PROFILES))
    return PROFILES[name]


def _web_address(given: str | None) -> str | None:
    if given is not None and not given.startswith(("http://", "https://")):
        raise StoreMisconfigured("an endpoint begins with http:// or https://", endpoint=given)
    return given


def _needed(environment: Mapping[str, str], name: str) -> str:
    if not (value := environment.get(name)):
        raise StoreMisconfigured(f"{name} is not set", name=name)
    return value
