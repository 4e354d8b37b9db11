"""What a document of an office is made of, before it becomes a file of any kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the text; level 1 is 一、, level 2 is （一）. Its number stands in the text."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the text, indented by two characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers stand to the right. Neighbours of one `group` share a head above theirs."""

    label: str
    is_number: bool = False
    group: str | None = None
    width: int = 1
    """In parts of the whole table."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title, the line under it (填报单位 …), and its total row, if there is one, last."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    total: tuple[str, ...] | None = None


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class RedHead:
    """红头: the issuing office in red over a red rule, with the document's number between them."""

    issuer: str
    number: str


@dataclass(frozen=True, slots=True)
class Document:
    """A notice (通报) as it leaves the office; nothing in it is ever a seal."""

    title: str
    blocks: tuple[Block, ...]
    recipient: str = ""
    """主送机关, without the colon."""
    signer: str = ""
    """发文机关署名."""
    dated: date | None = None
    """成文日期; a draft has none."""
    filled_on: date | None = None
    """填报日期 of its tables, where it is not that of the document: the day a draft's figures were taken."""
    mark: str = ""
    """What is said of a document that was not signed, or no longer holds: （草稿，未经签发）."""
    red_head: RedHead | None = None
    number: str = ""
    """Shown under the title where there is no red head."""
    copies_to: str = ""
    """抄送."""


def tables_of(document: Document) -> Sequence[Table]:
    """The tables of a document, in its order."""
    return [block for block in document.blocks if isinstance(block, Table)]
