"""Two contents of one record, field by field."""

import pytest

from service.submissions.difference import ChangedBy, differences


def told(base, server, kept):
    return [(one.pointer, one.changed_by.value) for one in differences(base, server, kept)]


@pytest.mark.parametrize(
    ("base", "server", "kept", "expected"),
    [
        ({"a": 1}, {"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, {"a": 2}, []),
        ({"a": 1}, {"a": 2}, {"a": 1}, [("/a", "server")]),
        ({"a": 1}, {"a": 1}, {"a": 2}, [("/a", "kept")]),
        ({"a": 1}, {"a": 2}, {"a": 3}, [("/a", "both")]),
        (None, {"a": 2}, {"a": 3}, [("/a", "unknown")]),
        ({}, {"a": 1}, {}, [("/a", "server")]),
        ({}, {"a": None}, {}, [("/a", "server")]),
        (
            {"p": {"x": 1, "y": 1}},
            {"p": {"x": 1, "y": 2}},
            {"p": {"x": 3, "y": 1}},
            [("/p/x", "kept"), ("/p/y", "server")],
        ),
        ({"l": [1]}, {"l": [1, 2]}, {"l": [1]}, [("/l", "server")]),
        ({}, {"a/b": {"~": 1}}, {"a/b": {"~": 2}}, [("/a~1b/~0", "both")]),
        ({}, {"a": 1}, {"a": True}, [("/a", "both")]),
        ({}, {"a": 1.0}, {"a": 1}, []),
        ({"a": {}}, {"a": {}}, {"a": {"b": 1}}, [("/a", "kept"), ("/a/b", "kept")]),
    ],
)
def test_it_names_each_field_and_who_changed_it(base, server, kept, expected):
    assert told(base, server, kept) == expected


def test_it_shows_all_three_values():
    (one,) = differences({"a": 1}, {"a": 2}, {"a": 3})
    assert (one.base, one.server, one.kept, one.changed_by) == (1, 2, 3, ChangedBy.BOTH)
