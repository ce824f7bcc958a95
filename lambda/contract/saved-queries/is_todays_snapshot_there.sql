-- Is today's (UTC) snapshot there, and is it complete? One row, whatever was published.
select
  count(case when snapshot_date = cast(current_date as varchar) and scope = 'full' then 1 end) > 0 as is_there,
  count(case when snapshot_date = cast(current_date as varchar) and scope = 'full' and status = 'complete' then 1 end) > 0 as is_complete,
  max(case when scope = 'full' then snapshot_id end) as newest_full_snapshot_id,
  max_by(targets_total, snapshot_id) filter (where scope = 'full') as targets_total,
  max_by(targets_succeeded, snapshot_id) filter (where scope = 'full') as targets_succeeded,
  max_by(targets_not_found, snapshot_id) filter (where scope = 'full') as targets_not_found,
  max(finished_at) as newest_finished_at
from sync_snapshots
where snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
