"""Resources by hand, as the service's API reference describes them, of types that the emulator does not know."""

from typing import Any

from tests.domain.iac.sample_data_rows import DATA_ROWS

ROWS: tuple[dict[str, Any], ...] = (*DATA_ROWS,)
