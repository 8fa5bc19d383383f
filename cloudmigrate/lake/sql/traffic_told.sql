-- traffic_told: where what was guessed belongs: to the one direction and port that evidence gives for the same pair and protocol.
-- Of many batches some had evidence for the server's side, others a port alone.
-- grain: one row per (pair of resources, protocol, action)
-- in:  summed (traffic_summed), $guess (the bit of a guess in `seen`)
-- out: low, high (the pair's numbers in order), words (protocol and whether rejected, as in service), source, target, service (as the
--      evidence says)
with guessed as (
    select distinct
        least(source, target) as low,
        greatest(source, target) as high,
        service & 66846721 as words
    from summed
    where seen & 255 = $guess
)

select
    g.low,
    g.high,
    g.words,
    min(s.source) as source,
    min(s.target) as target,
    min(s.service) as service
from summed as s
inner join guessed as g
    on
        g.low = least(s.source, s.target)
        and g.high = greatest(s.source, s.target)
        and g.words = if(s.seen & 255 <> $guess, s.service & 66846721, null)
group by g.low, g.high, g.words
having min(s.source) = max(s.source) and min(s.service) = max(s.service)
