"""A cache provider on Gestalt's Python SDK, for the kit: a dictionary with expiry."""

import datetime as dt
import http
import math
import threading
import time

from gestalt import CacheProvider, Error

# A reply of the host holds 4,194,304 bytes, of which the message's fields take a few.
MAX_VALUE_BYTES = 4_194_304 - 16


class DictionaryCache(CacheProvider):
    def __init__(self) -> None:
        self._entries: dict[str, tuple[bytes, float]] = {}
        # The SDK calls from several threads.
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            return self._live(key)

    def set(self, key: str, value: bytes, ttl: dt.timedelta | None = None) -> None:
        end = self._end_of(ttl)
        if len(value) > MAX_VALUE_BYTES:
            raise Error(http.HTTPStatus.TOO_MANY_REQUESTS, "the value is too large")
        with self._lock:
            self._entries[key] = (value, end)

    def delete(self, key: str) -> bool:
        with self._lock:
            return self._live(key) is not None and self._entries.pop(key, None) is not None

    def touch(self, key: str, ttl: dt.timedelta) -> bool:
        end = self._end_of(ttl)
        with self._lock:
            value = self._live(key)
            if value is None:
                return False
            self._entries[key] = (value, end)
            return True

    def _live(self, key: str) -> bytes | None:
        value, end = self._entries.get(key, (None, math.inf))
        if time.monotonic() >= end:
            del self._entries[key]
            return None
        return value

    @staticmethod
    def _end_of(ttl: dt.timedelta | None) -> float:
        if ttl is None or ttl == dt.timedelta():
            return math.inf
        if ttl < dt.timedelta():
            raise Error(http.HTTPStatus.BAD_REQUEST, "ttl must not be negative")
        return time.monotonic() + ttl.total_seconds()


DictionaryCache().serve()
