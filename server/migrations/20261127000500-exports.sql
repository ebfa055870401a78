-- Copies of what is theirs that people ask for, in their bucket; the files lie in the store named `exports`.
create table exports (
  bucket smallint not null,
  id bigint not null,
  user_id bigint not null,
  state text collate "C" not null check (state in ('preparing', 'ready', 'failed', 'over')),
  -- Where the next part begins; null: at the beginning.
  place jsonb,
  -- [{ key, bytes, sha256 }] of what is written.
  parts jsonb not null,
  -- Names of files that should have been there; the first of them.
  missing jsonb not null,
  written_bytes bigint not null,
  created_at timestamptz not null,
  worked_at timestamptz not null,
  finished_at timestamptz,
  -- When its files go; null: it is not finished, or they are gone.
  expires_at timestamptz,
  primary key (bucket, id),
  foreign key (bucket, user_id) references users (bucket, id)
);
create index exports_by_person on exports (bucket, user_id, id desc);
create index exports_preparing on exports (worked_at) where state = 'preparing';
create index exports_to_end on exports (expires_at) where expires_at is not null;
create index exports_by_age on exports (created_at) where state = 'over';
-- What somebody reported, for their copy; asked by nothing else.
create index moderation_reports_by_reporter on moderation_reports (reporter_id, id);
