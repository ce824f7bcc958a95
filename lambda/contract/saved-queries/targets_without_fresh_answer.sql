-- Targets whose last outcome is no answer: what is shown of them is carried over. Since when, and what is wrong.
select
  h.project_key,
  h.metric_group_key,
  h.last_status,
  h.last_error_code,
  h.last_error_message,
  h.consecutive_failures,
  c.answer as last_answer,
  c.snapshot_id as last_answer_snapshot_id,
  h.last_success_at,
  h.days_since_success
from sync_health h
join metric_group_targets_current c
  on c.project_key = h.project_key and c.metric_group_key = h.metric_group_key
where h.consecutive_failures > 0
order by c.snapshot_id, h.project_key, h.metric_group_key
