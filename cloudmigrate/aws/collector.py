"""Fewer searches for garbage while discovery makes much that stays."""

import gc
import threading

# Objects made since the last search before there is another. Python's 700 suits short-lived objects; a scan makes a thousand clients of
# a thousand objects each and keeps hundreds of them, and walking through these again and again was a sixth of its time.
OBJECTS = 20_000
THRESHOLDS = (OBJECTS, 20, 50)


class RareCollections:
    """While at least one thread is inside, Python's cyclic collector runs seldom; after the last one it runs as it did before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = gc.get_threshold()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = gc.get_threshold()
                if self._before[0] > 0:  # 0: somebody has turned the collector off
                    gc.set_threshold(*THRESHOLDS)
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                gc.set_threshold(*self._before)


rare_collections = RareCollections()
