-- sizing_subjects: one row per resource of one type, with its size's name.
-- in:  inventory, patterns (views; the second may be empty), $type (CloudFormation type), $size_path (JSON path into the spec)
-- out: uid, region, size_name (empty where the spec tells none), is_windows (of servers), is_batch, by uid
select
    i.uid,
    i.region,
    coalesce(json_extract_string(i.spec, $size_path), '') as size_name,
    coalesce(lower(json_extract_string(i.spec, '$.Platform')) = 'windows', false) as is_windows,
    coalesce(p.pattern = 'batch', false) as is_batch
from inventory as i
left join patterns as p on i.uid = p.uid
where i.type = $type
order by i.uid
