-- Whom somebody does not want to have suggested again.
create table suggestions_refused (
  bucket smallint not null,
  user_id bigint not null,
  refused_id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, user_id, refused_id)
);
