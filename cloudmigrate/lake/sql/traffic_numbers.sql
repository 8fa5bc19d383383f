-- traffic_numbers: uids that have a part in traffic, with a number that takes less room; a share of them at a time, which bounds memory.
-- grain: one row per uid
-- in:  held (traffic_held), strangers (traffic_strangers), faces (traffic_faces), $shares and $share (from 0): which uids; $numbered: how many
--      have a number before
select
    ($numbered + row_number() over ())::integer as number,
    uid
from (
    select uid from held
    where hash(uid) % $shares = $share
    union
    select uid from strangers
    where hash(uid) % $shares = $share
    union
    select holder_uid as uid from faces
    where hash(holder_uid) % $shares = $share
) as every_one
