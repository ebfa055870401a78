-- The order of a feed that somebody pages through, from the second page on. Gone when its cursors are no longer taken.
create table feed_snapshots (
  bucket smallint not null,
  user_id bigint not null,
  id bigint not null,
  shown_ids bigint[] not null,
  post_ids bigint[] not null,
  author_ids bigint[] not null,
  feed_ids bigint[] not null,
  is_news bytea not null,
  oldest bigint,
  primary key (bucket, user_id, id)
);
create index feed_snapshots_by_time on feed_snapshots (id);
