-- The server processes that live on this database, each with a lease.
create table processes (
  bucket smallint not null default 0 check (bucket = 0),
  holder text not null,
  roles text not null,
  -- Of the machine, for people.
  host text not null,
  -- It shares Redis with others.
  is_shared boolean not null,
  started_at timestamptz not null,
  lease_until timestamptz not null,
  primary key (bucket, holder)
);
