-- Administration: the log of every act of those who run the server, and what the server says of itself.

-- Append-only. Names stand beside the ids, so that it can be read when accounts are gone. In the bucket of the account that an
-- act is about; 0 where it is about none.
create table admin_log (
  bucket smallint not null,
  id bigint not null,
  act text collate "C" not null,
  at timestamptz not null,
  -- A person, the operator at the command line, or the server itself when something ends by itself.
  by text not null check (by in ('person', 'operator', 'server')),
  actor_id bigint,
  actor_name text,
  subject_id bigint,
  subject_name text,
  note text not null,
  before jsonb not null,
  after jsonb not null,
  primary key (bucket, id)
);
create index admin_log_by_time on admin_log (id desc);
create index admin_log_of_subject on admin_log (bucket, subject_id, id desc) where subject_id is not null;
create index admin_log_by_actor on admin_log (actor_id, id desc) where actor_id is not null;

-- One row, once somebody has written it.
create table instance (
  bucket smallint not null default 0 check (bucket = 0),
  name text not null,
  description text not null,
  contact text not null,
  rules jsonb not null,
  terms text not null,
  languages jsonb not null,
  source_url text,
  primary key (bucket)
);
