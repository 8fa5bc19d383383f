-- manifest_counts: how many versions have each verdict.
-- grain: one row per verdict that occurs
-- in:  manifest_verdicts (view)
-- out: verdict, versions
select
    verdict,
    count(*) as versions
from manifest_verdicts
group by verdict
order by verdict
