-- Whoever stands below the one who suspended an account neither ends that nor changes it: 0 moderator, 1 admin, 2 owner or operator.
-- Null: it is not suspended, or was before this was kept.
alter table users add column suspended_rank smallint;
