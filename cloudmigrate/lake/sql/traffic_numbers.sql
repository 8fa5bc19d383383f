-- traffic_numbers: uids that have a part in traffic, with a number that takes less room; a share of them at a time, which bounds memory.
-- grain: one row per uid
-- in:  held (traffic_held), strangers (traffic_strangers), faces (traffic_faces), $shares and $share (from 0): which uids; $numbered: how many
--      have a number before
-- Of unlike kinds the remainder would be one of 128 bits, which takes long.
select
    ($numbered + row_number() over ())::integer as number,
    uid
from (
    select uid from held
    where hash(uid) % $shares::ubigint = $share::ubigint
    union
    select uid from strangers
    where hash(uid) % $shares::ubigint = $share::ubigint
    union
    select holder_uid as uid from faces
    where hash(holder_uid) % $shares::ubigint = $share::ubigint
) as every_one
