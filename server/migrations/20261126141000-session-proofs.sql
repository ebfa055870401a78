-- What is sensitive asks anew who is at the device; null: not asked since the column is there.
alter table sessions add column proved_at timestamptz;
