"""ministack, an emulator of S3 for the behaviour of the interface: `python -m tests.support.s3emu install`.

It is never for data. Signatures in headers are checked for an IAM user's key only, so the suite makes one.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3

from tests.support.environments import environment_folder, install
from tests.support.processes import free_port, server
from tests.support.s3 import S3Server

FOLDER = environment_folder("QIANBAI_S3EMU", ".s3emu")
REQUIREMENTS = ("ministack==1.5.33",)
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
_ROOT_PAIR = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def installed() -> bool:
    return (FOLDER / "bin" / "ministack").exists()


@contextlib.contextmanager
def running(scratch: Path) -> Iterator[S3Server]:
    """An emulator with an empty store below `scratch` and a user of its own."""
    port = free_port()
    environment = {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(scratch / "objects"),
        "STATE_DIR": str(scratch / "state"),
    }
    command = [str(FOLDER / "bin" / "ministack")]
    with server(command, port=port, log=scratch / "ministack.log", environment=environment):
        endpoint = f"http://127.0.0.1:{port}"
        access_key, secret_key = _user_key(endpoint)
        yield S3Server("s3emu", endpoint, access_key, secret_key, profile="other")


def _user_key(endpoint: str) -> tuple[str, str]:
    iam = boto3.client("iam", endpoint_url=endpoint, region_name="us-east-1", **_ROOT_PAIR)
    with contextlib.closing(iam):
        iam.create_user(UserName="qianbai")
        iam.put_user_policy(UserName="qianbai", PolicyName="photos", PolicyDocument=json.dumps(_POLICY))
        key = iam.create_access_key(UserName="qianbai")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


if __name__ == "__main__" and sys.argv[1:] == ["install"]:
    install(FOLDER, *REQUIREMENTS)
