"""What the cookies of a browser's sign-in are called; imports nothing, for whoever looks at requests before the house is open."""

ACCESS_COOKIE = "qianbai_access"
REFRESH_COOKIE = "qianbai_refresh"
