-- What one process at a time may touch: a row with a lease, where what it is about lives.
create table locks (
  bucket smallint not null,
  id bigint not null,
  use text collate "C" not null,
  holder text not null,
  lease_until timestamptz not null,
  -- Somebody waits: read by the holder when he renews, for the case that words between processes are lost.
  asked boolean not null,
  primary key (bucket, id, use)
);
