-- When its order was last read on in, to some minutes: of one viewer's the ones that are in use stay. Null: written before this
-- was kept.
alter table feed_snapshots add column used_at timestamptz;
