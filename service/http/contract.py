"""The contract as one text: sorted and wrapped alike on every machine, Chinese as Chinese."""

from collections.abc import Mapping
from typing import Any

import yaml

NAME = "openapi.yaml"


def contract_text(document: Mapping[str, Any]) -> str:
    """The OpenAPI document as YAML; the same document always gives the same text."""
    return yaml.dump(
        _plain(document),
        Dumper=_Dumper,
        sort_keys=True,
        allow_unicode=True,
        default_flow_style=False,
        width=100,
    )


class _Dumper(yaml.SafeDumper):
    """Repeats what is used twice instead of pointing at it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 PyYAML's signature
        """Say that nothing is worth an alias."""
        return True


def _plain(value: Any) -> Any:
    """The value in YAML's own types: apispec leaves tuples, ordered mappings and str enums."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value
