-- Whose comments under one's posts wait for oneself; they do not learn of it.
create table restricts (
  bucket smallint not null,
  restricter_id bigint not null,
  restricted_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, restricter_id, restricted_id)
);
create unique index restricts_by_time on restricts (bucket, restricter_id, id desc);

-- A comment that waits for the post's owner: until then it is theirs and its author's alone.
alter table comments add column waits_at timestamptz;
create index comments_waiting on comments (bucket, post_id) where waits_at is not null;
