-- sizing_subjects: one row per resource of one type, with its size's name.
-- in:  $type (CloudFormation type), $size_path (JSON path into the spec)
-- out: uid, region, size_name (empty where the spec tells none), is_windows (of servers), by uid
select
    uid,
    region,
    coalesce(json_extract_string(spec, $size_path), '') as size_name,
    coalesce(lower(json_extract_string(spec, '$.Platform')) = 'windows', false) as is_windows
from inventory
where type = $type
order by uid
