"""Text that has broken other people's software; each must be taken as it is or refused in the one shape."""

TEXTS: tuple[str, ...] = (
    # what is nothing, and words that mean nothing
    "", " ", "\u3000", "\u200b", "\ufeff", "null", "NULL", "nil", "None", "undefined", "NaN", "true", "()", "-", "--",
    # numbers that are none
    "0", "-1", "1e5", "1E02", "0x0", "1/0", "1,000", "0.0.0", "१२३", "１２３", "٤٥", "9" * 60, "1e999999", "∞",
    # beyond the usual letters
    "聊城市东昌府区", "𠮷野家", "\U0001f469\u200d\U0001f4bb", "🇨🇳🇨🇳", "Ω≈ç√∫", "ﬁ", "İstanbul", "ß", "ǅ", "Ａ", "a\u0301\u0302\u0303\u0304",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "الكل", "\u202ddlrow\u202e", "\u2066\u2067\u2068\u2069", "\u2028\u2029", "\ue000", "\ufffd", "\uffff", "\U0010ffff",
    # control characters that text may not carry
    "\x01", "\x07\x08", "\x1b[2J", "\x7f", "\x85", "a\rb", "a\nb", "a\tb", "\x0b\x0c", "\x1c\x1d\x1e\x1f",
    # speaking to the database
    "'", "''", '"', "`", "\\", "' OR '1'='1", "1; DROP TABLE users--", "'; SELECT pg_sleep(10)--", "%", "_", "%%%_%", "\\%", "$1", ":name", "%(id)s", "{}",
    "E'\\x41'", "$$a$$", "||", "/* */", "x' AND 1=CAST((SELECT version()) AS int)--", "\\x00", "\\u0000",
    # speaking to a page, a shell, a template, a log
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;&#x27;", "]]>", "<!--", "<?php", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "%s%s%s%n", "{0.__class__.__mro__}", "{reason}", "{zh}", "$(id)", "`id`", "| id", "; id", "&& id", "\\$HOME", "-rf", "${jndi:ldap://127.0.0.1/a}",
    # paths and names
    "../../etc/passwd", "..\\..\\boot.ini", "/dev/null", "/etc/passwd\x7f", "file:///etc/passwd", "C:\\CON", "CON", "NUL", "aux.txt", ".", "..", "~", ".htaccess", "a" * 255, "name.jpg.exe", "http://127.0.0.1:1/", "http://[::1]/",
    # formulas a spreadsheet would run
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "＝1+1", '=HYPERLINK("http://127.0.0.1")', "=IMPORTXML(1,2)",
    # long
    "x" * 200, "汉" * 201, "é" * 4001, "x" * 10_000, "(" * 1000, "a " * 2000, "́" * 500,
    # ids, tokens and times that look right
    "00000000-0000-0000-0000-000000000000", "2026-13-45", "2026-02-29", "24:00", "Bearer x", "admin", "root", "LC-2026-000001",
)  # fmt: skip
"""All of them hold nothing that JSON could not carry."""

# What a header or a query string may be given; bytes that HTTP itself forbids never reach an application.
HEADER_VALUES: tuple[str, ...] = (
    "", " ", "\t", "null", "0", "-1", "9" * 400, "x" * 4000, "*", "W/", '"', '""', '"1', 'W/"1"', '"1", "2"', '"1-abc"', ",,,", ";;;", "=", "a=b; c",
    "zh-CN,zh;q=0.9", "q=NaN", "en;q=1e999", "x;q=-1", "application/json", "text/html", "multipart/form-data", "multipart/form-data; boundary=", "application/json; charset=utf-16", "application/json; charset=nonsense",
    "gzip", "identity, chunked", "bytes=0-", "bytes=9-1", "bytes=0-0,-1", "Bearer", "Bearer ", "Bearer x y", "Basic YTpi", "Bearer " + "A" * 3000, "Bearer é", "éè", "\xff\xfe", "%00", "%0d%0aX: 1",
    "../../etc/passwd", "<script>", "' OR 1=1--", "${jndi:ldap://127.0.0.1/a}", "{0}", "%s", "Thu, 01 Jan 1970 00:00:00 GMT", "not a date", "127.0.0.1, 10.0.0.1", "::1", "unknown",
)  # fmt: skip
