-- traffic_numbers: every uid that has a part in traffic, with a number that takes less room.
-- grain: one row per uid
-- in:  held (traffic_held), strangers (traffic_strangers), faces (traffic_faces)
select
    (row_number() over (order by uid))::integer as number,
    uid
from (
    select uid from held
    union
    select uid from strangers
    union
    select holder_uid as uid from faces
) as every_one
