"""A phone's store of what it pulled: pages are applied in order, and nothing else is known of them."""

from typing import Any

from tests.support.client import Client

PATH = "/api/v1/sync/changes"


class Pulled:
    """The rows of one person by type and id, and the cursor behind them."""

    def __init__(self, client: Client, *, limit: int = 500) -> None:
        self.client = client
        self.limit = limit
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.cursor: str | None = None
        self.tag: str | None = None

    def page(self, **headers: str) -> dict[str, Any]:
        """The next page, applied."""
        answer = self.client.get(self.path, headers=headers)
        assert answer.status_code == 200, answer.get_data()
        self.tag = answer.headers["ETag"]
        page: dict[str, Any] = answer.get_json()
        self.apply(page)
        return page

    def apply(self, page: dict[str, Any]) -> None:
        """What the contract says of a page."""
        for change in page["changes"]:
            key = (change["type"], change["id"])
            if change["op"] == "upsert":
                self.rows[key] = change["data"]
            else:
                self.rows.pop(key, None)
        self.cursor = page["next_cursor"]

    def all(self) -> list[dict[str, Any]]:
        """Every change until nothing more is there, applied."""
        seen: list[dict[str, Any]] = []
        for _ in range(1000):
            page = self.page()
            seen += page["changes"]
            if not page["has_more"]:
                return seen
        raise AssertionError("the pages never end")

    @property
    def path(self) -> str:
        """Where the next page is."""
        asked = f"{PATH}?limit={self.limit}"
        return asked if self.cursor is None else f"{asked}&cursor={self.cursor}"

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The rows of one type by id."""
        return {row_id: row for (found, row_id), row in self.rows.items() if found == kind}
