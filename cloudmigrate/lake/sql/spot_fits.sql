-- spot_fits: one row per server that could run on spot: its work comes in bursts or batches, and it keeps nothing of its own.
-- in:  patterns, inventory (views)
-- out: uid; what is kept is told by disks that outlive it
select p.uid
from patterns as p
inner join inventory as i on p.uid = i.uid and i.type = 'AWS::EC2::Instance'
where
    p.pattern in ('batch', 'bursty')
    and not i.stateful
    and not exists (
        select 1
        from unnest(cast(i.spec -> '$.BlockDeviceMappings' as json[])) as d (one)
        where (d.one ->> '$.Ebs.DeleteOnTermination') is distinct from 'true'
    )
