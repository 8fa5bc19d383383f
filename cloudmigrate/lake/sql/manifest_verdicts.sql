-- manifest_verdicts: what became of each version of a bucket at its target, and of each that only the target has.
-- grain: one row per key and version, in either bucket
-- in:  source_versions, target_versions (manifests), checksums (pairs that were looked at one by one), manifest_bounds (one row)
-- out: key, version_id (source), target_version_id, verdict, detail
--      verdict: same, size_only (nothing better to compare), different, missing, young (too new to be held against), extra, newer
-- A version from before versioning has the id "null"; at the target it may have one of its own: the oldest that is no other's.
with
known as (
    select
        t.*,
        s.key is not null as is_named,
        row_number() over (partition by t.key, s.key is null order by t.last_modified, t.version_id) as place
    from target_versions as t
    left join source_versions as s on t.key = s.key and t.version_id = s.version_id
),

nameless as (
    select s.key
    from source_versions as s
    anti join target_versions as t on s.key = t.key and t.version_id = 'null'
    where s.version_id = 'null'
),

matched as (
    select
        k.*,
        case when not k.is_named and k.place = 1 and n.key is not null then 'null' else k.version_id end as match_id
    from known as k
    left join nameless as n on k.key = n.key
),

paired as (
    select
        coalesce(s.key, t.key) as key,
        s.version_id,
        t.version_id as target_version_id,
        s.key is not null as at_source,
        t.key is not null as at_target,
        s.last_modified as source_at,
        t.last_modified as target_at,
        s.is_delete_marker,
        t.is_delete_marker as target_marker,
        s.is_latest,
        t.is_latest as target_latest,
        s.size_bytes,
        t.size_bytes as target_bytes,
        s.etag,
        t.etag as target_etag,
        s.tags,
        t.tags as target_tags,
        c.is_equal,
        b.listed_at,
        b.settled_before,
        b.etags_are_md5,
        count(*) filter (where s.key is null or t.key is null) over (partition by coalesce(s.key, t.key)) as lone
    from source_versions as s
    full join matched as t on s.key = t.key and s.version_id = t.match_id
    left join checksums as c on s.key = c.key and s.version_id = c.version_id
    cross join manifest_bounds as b
),

judged as (
    select
        *,
        case
            when not at_target then if(source_at > settled_before, 'young', 'missing')
            when not at_source then if(target_at >= listed_at, 'newer', 'extra')
            when is_delete_marker <> target_marker then 'different: kind'
            when lone = 0 and is_latest <> target_latest then 'different: order'
            when is_delete_marker then 'same'
            when size_bytes <> target_bytes then 'different: size'
            when tags <> target_tags then 'different: tags'
            when etag = target_etag or is_equal then 'same'
            when not is_equal then 'different: checksum'
            when etags_are_md5 and not contains(etag, '-') and not contains(target_etag, '-') then 'different: content'
            else 'size_only'
        end as word
    from paired
)

select
    key,
    version_id,
    target_version_id,
    split_part(word, ': ', 1) as verdict,
    split_part(word, ': ', 2) as detail
from judged
