"""JSON as nobody should send it, in the manner of JSONTestSuite (n_ is no JSON, i_ parsers differ, y_ is JSON).

Each document has a name, and is sent whole as a body and, where it is one value, inside every field.
"""

import json
from collections.abc import Iterator

MEGABYTE = 1024 * 1024

Document = tuple[str, bytes]


def documents() -> list[Document]:
    """Every document, small ones first; names are unique."""
    return [*_lone_values(), *_broken(), *_numbers(), *_strings(), *_encodings(), *_shapes(), *_keys()]


def bombs() -> list[Document]:
    """What is large: two megabytes, a hundred thousand brackets, a number that takes a minute to read."""
    deep = 100_000
    return [
        ("2_MB_of_text", b'{"summary":"' + b"a" * 2 * MEGABYTE + b'"}'),
        ("2_MB_of_spaces", b" " * 2 * MEGABYTE + b"{}"),
        ("900_kB_of_text", b'{"summary":"' + b"a" * 900_000 + b'"}'),
        ("900_kB_of_empty_lists", b"[" + b"[]," * 300_000 + b"[]]"),
        ("100000_open_lists", b"[" * deep),
        ("100000_open_objects", b'{"a":' * deep),
        ("100000_closed_lists", b"[" * deep + b"]" * deep),
        ("100000_lists_in_a_field", b'{"summary":' + b"[" * deep + b"]" * deep + b"}"),
        ("100000_keys", json.dumps({f"key{number}": number for number in range(50_000)}).encode()),
        ("5000_digits", b'{"base_rev":' + b"9" * 5000 + b"}"),
        ("500000_digits", b'{"base_rev":' + b"9" * 500_000 + b"}"),
        ("500000_digits_after_the_point", b'{"base_rev":0.' + b"9" * 500_000 + b"}"),
        ("a_long_key", b'{"' + b"k" * 500_000 + b'":1}'),
        ("a_long_unclosed_text", b'{"summary":"' + b'\\"' * 300_000),
        ("many_backslashes", b'{"summary":"' + b"\\\\" * 300_000 + b'"}'),
    ]


def fragments() -> list[Document]:
    """Single values as they stand in a document, to be put where a field's value belongs."""
    return [
        ("null", b"null"),
        ("true", b"true"),
        ("false", b"false"),
        ("zero", b"0"),
        ("minus_zero", b"-0"),
        ("minus_one", b"-1"),
        ("a_fraction", b"5.7"),
        ("int32_and_one", b"2147483648"),
        ("int53_and_one", b"9007199254740993"),
        ("int64_and_one", b"9223372036854775808"),
        ("5000_digits", b"9" * 5000),
        ("1e400", b"1e400"),
        ("minus_1e400", b"-1e400"),
        ("1e-400", b"1e-400"),
        ("NaN", b"NaN"),
        ("Infinity", b"Infinity"),
        ("minus_Infinity", b"-Infinity"),
        ("empty_text", b'""'),
        ("a_space", b'" "'),
        ("NUL", rb'"a\u0000b"'),
        ("lone_high_surrogate", rb'"\ud800"'),
        ("lone_low_surrogate", rb'"\udfff"'),
        ("noncharacter", rb'"\uffff"'),
        ("escape_character", rb'"\u001b[31m"'),
        ("right_to_left", '"\u202eevil"'.encode()),
        ("100000_letters", b'"' + b"x" * 100_000 + b'"'),
        ("empty_list", b"[]"),
        ("list_of_null", b"[null]"),
        ("list_of_lists", b"[[],[[]]]"),
        ("list_of_everything", b'[null,true,1,1.5,"x",{},[]]'),
        ("2000_texts", json.dumps(["x"] * 2000).encode()),
        ("empty_object", b"{}"),
        ("object_of_anything", b'{"a":{"b":[1,null]},"":0}'),
        ("duplicate_keys", b'{"a":1,"a":2}'),
        ("prototype", b'{"__proto__":{"admin":true},"constructor":{}}'),
        ("63_lists", b"[" * 60 + b"]" * 60),
        ("200_lists", b"[" * 200 + b"]" * 200),
        ("a_day", b'"2026-02-30"'),
        ("year_9999", b'"9999-12-31T23:59:59.999999Z"'),
        ("year_0001", b'"0001-01-01T00:00:00+14:00"'),
        ("no_offset", b'"2026-01-06T09:30:00"'),
        ("a_leap_second", b'"2026-06-30T23:59:60Z"'),
        ("a_large_offset", b'"2026-01-06T09:30:00+99:99"'),
        ("a_unix_time", b"1767663000"),
        ("not_an_id", b'"not-an-id"'),
        ("nil_id", b'"00000000-0000-0000-0000-000000000000"'),
        ("a_braced_id", b'"{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"'),
        ("a_urn_id", b'"urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"'),
        ("an_id_nobody_has", b'"6ba7b810-9dad-11d1-80b4-00c04fd430c8"'),
        ("fullwidth_digits", '"\uff11\uff12\uff13"'.encode()),
        ("an_odd_amount", b'"1e999999999"'),
        ("a_negative_amount", b'"-1"'),
        ("a_long_amount", b'"' + b"9" * 400 + b'.12345"'),
    ]


def _lone_values() -> Iterator[Document]:
    """JSON that is no object."""
    for text in (
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "1.5",
        "1E3",
        "1e-3",
        '""',
        '"text"',
        '"\\u0000"',
        "[]",
        "[[]]",
        "[null]",
        '["a","b"]',
        "[{}]",
        '[{"visited_at":1}]',
        "[1,2,3]",
    ):
        yield f"y_lone {text}", text.encode()
    yield "y_empty_object", b"{}"
    yield "n_nothing", b""
    yield "n_spaces", b" \t\r\n "


def _broken() -> Iterator[Document]:
    """What looks like JSON and is none."""
    for text in (
        "{",
        "}",
        "[",
        "]",
        "{]",
        "[}",
        "{{}}",
        "[1,]",
        "[,1]",
        "[1,,2]",
        "[1 2]",
        "[1}",
        '{"a"}',
        '{"a":}',
        '{:"b"}',
        '{"a":1,}',
        '{,"a":1}',
        '{"a" 1}',
        '{"a"::1}',
        '{"a":1 "b":2}',
        "{'a':1}",
        "{a:1}",
        "{1:1}",
        '{"a":1}}',
        '{"a":1}{}',
        '{"a":1}garbage',
        '{"a":1}//c',
        '/**/{"a":1}',
        '{"a":/*c*/1}',
        '#\n{"a":1}',
        "nul",
        "nulll",
        "True",
        "None",
        "undefined",
        "tru",
        "FALSE",
        "*",
        "<a/>",
        "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "a=1&b=2",
        "\\u007b\\u007d",
        '"unclosed',
        '["unclosed]',
        '{"a":"b',
        "'single'",
        '"\\"',
        '["a\\',
        '{"a":true',
        "[1,2",
        "--boundary\r\n\r\n{}\r\n--boundary--",
        "callback({})",
        ")]}',\n{}",
    ):
        yield f"n_broken {text}", text.encode()


def _numbers() -> Iterator[Document]:
    for text in (
        "NaN",
        "Infinity",
        "-Infinity",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "-.5",
        "1.e1",
        "1e",
        "1e+",
        "1eE2",
        "0x1F",
        "1_000",
        "1,000",
        "--1",
        "1.2.3",
        "1e400",
        "-1e400",
        "1e-400",
        "1e99999999999",
        "9007199254740992",
        "-9007199254740993",
        "18446744073709551616",
        "123456789012345678901234567890",
        "0." + "3" * 400,
        "9" * 4301,
        "9" * 5000,
        "-" + "9" * 5000,
        "\uff11",
        "\u0661",
        "½",
    ):
        yield f"i_number {text[:24]}({len(text)})", b'{"base_rev":' + text.encode() + b"}"


def _strings() -> Iterator[Document]:
    for name, text in (
        ("NUL_escaped", rb"\u0000"),
        ("NUL_raw", b"\x00"),
        ("tab_raw", b"\t"),
        ("newline_raw", b"\n"),
        ("control_raw", b"\x1f"),
        ("delete_raw", b"\x7f"),
        ("lone_high", rb"\ud800"),
        ("lone_low", rb"\udc00"),
        ("low_high", rb"\udc00\ud800"),
        ("high_high", rb"\ud800\ud800"),
        ("high_then_text", rb"\ud800a"),
        ("pair", rb"\ud83d\ude00"),
        ("half_escape", rb"\u00"),
        ("bad_escape", rb"\x41"),
        ("bad_escape_a", rb"\a"),
        ("upper_U", rb"\U0001f600"),
        ("escaped_solidus", rb"\/"),
        ("trailing_backslash", b"\\"),
        ("noncharacter", rb"\ufffe"),
        ("bom_inside", b"\xef\xbb\xbf"),
        ("line_separator", rb"\u2028"),
        ("overlong_slash", b"\xc0\xaf"),
        ("overlong_nul", b"\xc0\x80"),
        ("cut_utf8", b"\xe6\x97"),
        ("lone_continuation", b"\x80"),
        ("utf8_surrogate", b"\xed\xa0\x80"),
        ("beyond_unicode", b"\xf4\x90\x80\x80"),
        ("five_bytes", b"\xf8\x88\x80\x80\x80"),
        ("latin1", b"\xe9t\xe9"),
        ("gb18030", "聊城".encode("gb18030")),
        ("ff", b"\xff\xfe\xff"),
    ):
        yield f"i_string {name}", b'{"summary":"' + text + b'"}'
        yield f"i_key {name}", b'{"' + text + b'":1}'


def _encodings() -> Iterator[Document]:
    text = '{"summary":"聊城"}'
    yield "i_bom_utf8", b"\xef\xbb\xbf" + text.encode()
    yield "i_bom_twice", b"\xef\xbb\xbf" * 2 + text.encode()
    yield "i_bom_alone", b"\xef\xbb\xbf"
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "utf-7"):
        yield f"i_{encoding}", text.encode(encoding)
    yield (
        "n_gzip",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00",
    )
    yield "n_jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
    yield "n_zeros", b"\x00" * 64
    yield "n_every_byte", bytes(range(256))


def _shapes() -> Iterator[Document]:
    for depth in (63, 64, 65, 500):
        yield f"i_{depth}_lists", b"[" * depth + b"]" * depth
        yield f"i_{depth}_objects", b'{"a":' * depth + b"1" + b"}" * depth
    yield "n_500_open", b"[" * 500
    yield "n_500_closing", b"]" * 500
    yield "i_brackets_in_text", b'{"summary":"' + b"[" * 500 + b'"}'
    yield "i_300_keys", json.dumps({f"k{number}": None for number in range(300)}).encode()


def _keys() -> Iterator[Document]:
    for name, text in (
        ("twice", '{"summary":"a","summary":"b"}'),
        ("twice_the_same", '{"summary":"a","summary":"a"}'),
        ("twice_escaped", '{"summary":"a","\\u0073ummary":"b"}'),
        ("twice_below", '{"location":{"lat":1,"lat":2}}'),
        ("empty", '{"":0}'),
        ("proto", '{"__proto__":{"roles":["administrator"]}}'),
        ("class", '{"__class__":{"__init__":{}}}'),
        ("dotted", '{"location.lat":1,"location[lat]":1}'),
        ("pointer", '{"a/b~c":1,"~0~1":2}'),
        ("template", '{"{code}{0.__class__}":"%s%n{zh}"}'),
        ("underscores", '{"_schema":1,"_id":2,"$where":"1"}'),
        ("capital", '{"Summary":"a","SUMMARY":"b"}'),
        ("schema", '{"$schema":"http://127.0.0.1:9/","$ref":"#/x"}'),
    ):
        yield f"i_keys {name}", text.encode()
