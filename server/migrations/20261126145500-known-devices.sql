-- From where an account was signed in to before: marks made with a key of this server, which say nothing by themselves.
create table known_devices (
  bucket smallint not null,
  user_id bigint not null,
  mark bytea not null,
  last_at timestamptz not null,
  primary key (bucket, user_id, mark)
);
create index known_devices_by_age on known_devices (last_at);
