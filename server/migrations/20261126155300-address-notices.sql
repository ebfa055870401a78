-- Who was told that somebody gave their address, and by whom: kept for a day, so that nobody's letter box is filled.
create table address_notices (
  bucket smallint not null,
  user_id bigint not null,
  asker_id bigint not null,
  told_at timestamptz not null,
  primary key (bucket, user_id, asker_id)
);
create index address_notices_by_age on address_notices (told_at);
