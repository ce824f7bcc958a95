-- Is today's (UTC) full snapshot there, and is it complete? One row, whatever was published; from the third column on it is the newest full one.
select
  count(case when snapshot_date = cast(current_date as varchar) then 1 end) > 0 as is_there,
  count(case when snapshot_date = cast(current_date as varchar) and status = 'complete' then 1 end) > 0 as is_complete,
  max(snapshot_id) as snapshot_id,
  max_by(finished_at, snapshot_id) as finished_at,
  max_by(targets_total, snapshot_id) as targets_total,
  max_by(targets_succeeded, snapshot_id) as targets_succeeded,
  max_by(targets_not_found, snapshot_id) as targets_not_found
from sync_snapshots
where scope = 'full'
  and snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
