-- unruled_lines: one row per resource of a type that no rule prices and that is not free.
-- in:  inventory (view), cost_lines (table: the lines of all other files), free_types (registered)
-- out: a line (see lake/costs.py) that is not known
select
    i.uid,
    'all' as line,
    'always' as variant,
    i.type as key,
    'configured' as evidence,
    'no rule prices ' || i.type || ' yet' as unknown
from inventory as i
where i.type not in (select f.type from free_types as f) and i.uid not in (select c.uid from cost_lines as c)
