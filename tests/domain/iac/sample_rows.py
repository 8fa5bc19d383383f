"""Resources by hand, as the service's API reference describes them, of types that the emulator does not know."""

from typing import Any

ROWS: tuple[dict[str, Any], ...] = ()
