-- traffic_numbers: every uid that has a part in traffic, with a number that takes less room.
-- grain: one row per uid
-- in:  ends (traffic_ends), faces (traffic_faces)
select
    (row_number() over (order by uid))::integer as number,
    uid
from (
    select uid from ends
    union
    select holder_uid as uid from faces
) as every_one
