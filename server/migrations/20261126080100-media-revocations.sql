-- What edges refuse although its address is signed and has time left: written in the transaction that takes the sight away,
-- handed to every edge, forgotten when the last address that it stops has ended.
create table media_revocations (
  bucket smallint not null,
  id bigint not null,
  -- The name of the mark at the edges: `media/…`, `renderings/…` or `epochs/…`.
  mark text collate "C" not null,
  expires_at timestamptz not null,
  primary key (bucket, id)
);
create index media_revocations_by_id on media_revocations (id);
create index media_revocations_by_end on media_revocations (expires_at);
