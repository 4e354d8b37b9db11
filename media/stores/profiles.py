"""What each provider of S3 needs; measured ones are marked, the others follow the provider's documents.

Whatever the profile: signatures are always version 4 (boto3 falls back to version 2 when presigning for a custom
endpoint, which signs neither length nor type), and checksums are sent only where S3 requires them (with boto3's
default four of seven servers refused or corrupted uploads over https). Content-MD5 guards every write instead.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Profile:
    """How to address a bucket, and whether the server checks `x-amz-checksum-sha256` against the body."""

    addressing: Literal["virtual", "path"]
    sha256_enforced: bool


PROFILES = {
    "aws": Profile("virtual", sha256_enforced=True),
    "rgw16": Profile("path", sha256_enforced=False),  # measured: signs the header, then stores any body
    "swift": Profile("path", sha256_enforced=True),  # measured
    "rclone": Profile("path", sha256_enforced=False),  # measured
    "aliyun": Profile("virtual", sha256_enforced=False),  # conservative until tested, as the two below
    "tencent": Profile("virtual", sha256_enforced=False),
    "huawei": Profile("virtual", sha256_enforced=False),
    "other": Profile("path", sha256_enforced=False),
}
