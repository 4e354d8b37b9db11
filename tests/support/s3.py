"""What the tests know of a running S3 server, whichever it is."""

import contextlib
import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tests.support.tls import certificate, tls_pipe


@dataclass(frozen=True)
class S3Server:
    """Where it listens and a key it accepts."""

    name: str
    endpoint: str
    access_key: str
    secret_key: str
    profile: str
    ca_bundle: str | None = None

    def setting(self, bucket: str, prefix: str = "") -> str:
        """The product's setting for a bucket of this server."""
        return f"s3://{bucket}/{prefix}?profile={self.profile}&endpoint={self.endpoint}"

    def environment(self) -> dict[str, str]:
        """The product's environment for this server."""
        given = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}
        return given | ({"AWS_CA_BUNDLE": self.ca_bundle} if self.ca_bundle else {})

    def make_bucket(self, bucket: str) -> None:
        """Makes the bucket, as an operator would before the product starts."""
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            verify=self.ca_bundle,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )
        with contextlib.closing(client):
            client.create_bucket(Bucket=bucket)


@contextlib.contextmanager
def over_tls(server: S3Server, scratch: Path) -> Iterator[S3Server]:
    """The same server behind a pipe that speaks TLS with a certificate made for this run."""
    made = certificate(scratch)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made)
    with tls_pipe(context, int(server.endpoint.rsplit(":", 1)[1])) as port:
        yield replace(
            server, name=f"{server.name}-tls", endpoint=f"https://127.0.0.1:{port}", ca_bundle=str(made)
        )


def skip_or_fail(name: str, how: str) -> None:
    """Skips because a server is not installed, or fails when QIANBAI_REQUIRE names it."""
    if name in os.environ.get("QIANBAI_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required and not there: {how}", pytrace=False)
    pytest.skip(f"{name} is not installed: {how}")
