"""Uses a cache through Gestalt's Python SDK, as a plugin does; prints what it sees as JSON."""

import datetime as dt
import json
import time

from gestalt.cache import Cache, CacheSetEntry

seen = {}
with Cache.connect() as cache:
    cache.set(key="é", value=b"\x00\xff", ttl=dt.timedelta(minutes=1))
    cache.set_many(entries=[CacheSetEntry(key="a", value=b"1"), CacheSetEntry(key="b", value=b"")])
    cache.set(key="short", value=b"x", ttl=dt.timedelta(milliseconds=50))
    time.sleep(0.2)
    seen["get"] = list(cache.get(key="é") or b"none")
    seen["miss"] = cache.get(key="missing") is None
    seen["expired"] = cache.get(key="short") is None
    seen["getMany"] = sorted(cache.get_many(keys=["a", "b", "missing"]))
    seen["touch"] = cache.touch(key="a", ttl=dt.timedelta(minutes=1))
    seen["delete"] = cache.delete(key="a")
    seen["deleteMany"] = cache.delete_many(keys=["a", "b", "b"])
print(json.dumps(seen))
