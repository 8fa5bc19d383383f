-- traffic_periods: how traffic repeats, by the days and hours on which it was seen; one occurrence in five, or one at all, may be missing.
-- grain: one row per row of totals
-- in:  totals (traffic_totals), and masks of days (bit n: the nth day): $weekend, $weekdays (a list: all Mondays, ..., all Sundays),
--      $month_ends (a list: the last three days of a month and the first of the next, for each) and $at_month_ends (all of these)
-- out: the columns of totals, and periodicity: once (within 24 hours); continuous or, where at most 4 records come in an hour, hourly (four
--      fifths of the hours); weekdays (no weekend of the time, and the days between); daily; weekly (always begins on the same weekday);
--      month_end (always begins at the end of a month, of two at least); irregular
with lasting as (
    select
        * exclude (first_hour, last_hour),
        last_hour - first_hour + 1 as span_hours
    from totals
    where last_hour - first_hour >= 24
),

shaped as (
    select
        *,
        days & ~(days << 1) as begins,
        (1::hugeint << (last_day + 1)) - (1::hugeint << first_day) as span,
        bit_count(days) as seen_days
    from lasting
),

counted as (
    select
        * exclude (begins, span),
        last_day - first_day + 1 as span_days,
        bit_count(begins) as occurrences,
        bit_count(span & $weekend) as weekend_days,
        days & $weekend = 0 as is_without_weekends,
        bit_count(span & list_filter($weekdays::hugeint[], lambda one: begins & ~one = 0)[1]) as weeks,
        len(list_filter($month_ends::hugeint[], lambda one: span & one <> 0)) as month_ends,
        len(list_filter($month_ends::hugeint[], lambda one: begins & one <> 0)) as month_ends_met,
        begins & ~$at_month_ends = 0 as is_at_month_ends
    from shaped
)

select
    * exclude (seen_days, occurrences, weekend_days, is_without_weekends, weeks, month_ends, month_ends_met, is_at_month_ends, span_days),
    case
        when active_hours >= 0.8 * span_hours then if(flows <= 4 * active_hours, 'hourly', 'continuous')
        when
            is_without_weekends and weekend_days >= 2 and seen_days >= 4
            and span_days - weekend_days - seen_days <= greatest(1, (span_days - weekend_days) // 5)
            then 'weekdays'
        when seen_days >= 3 and span_days - seen_days <= greatest(1, span_days // 5) then 'daily'
        when occurrences >= 2 and weeks - occurrences <= greatest(1, weeks // 5) then 'weekly'
        when is_at_month_ends and month_ends_met >= 2 and month_ends - month_ends_met <= greatest(1, month_ends // 5) then 'month_end'
        else 'irregular'
    end as periodicity
from counted
union all by name
select
    * exclude (first_hour, last_hour),
    last_hour - first_hour + 1 as span_hours,
    'once' as periodicity
from totals
where last_hour - first_hour < 24
