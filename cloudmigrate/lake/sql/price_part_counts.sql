-- price_part_counts: one row: what a part of prices that was just read holds.
-- in:  $part (Parquet file)
-- out: rows, refused (rows that cannot be taken exactly), example (rate code of one of these)

select
    count(price) as rows,
    count(*) - count(price) as refused,
    min(rate_code) filter (where price is null) as example
from read_parquet($part)
