-- traffic_whole: conversations where no end changed hands within a day: none has to be cut.
-- grain: one row per row of located
-- in:  located (traffic_located)
-- out: the columns of located, and at: the instant that tells whose addresses they were
select
    *,
    first_at as at
from located
