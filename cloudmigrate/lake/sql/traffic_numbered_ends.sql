-- traffic_numbered_ends: ends with numbers for texts that are met often.
-- grain: one row per row of ends
-- in:  ends (traffic_ends), uids (number, uid), resolutions (resolution, weakness)
-- out: vpc_id, address, day, from_at, until_at, number (of the uid), weakness_bit (bit 8 and up, by weakness of the resolution)
select
    e.vpc_id,
    e.address,
    e.day,
    e.from_at,
    e.until_at,
    u.number,
    (1 << (8 + r.weakness))::integer as weakness_bit
from ends as e
inner join uids as u on e.uid = u.uid
inner join resolutions as r on e.resolution = r.resolution
