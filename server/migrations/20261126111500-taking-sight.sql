-- Events after which somebody sees less than before: processes that decide from memory look for them several times a second.
alter table events add column takes_sight boolean not null default false;
create index events_taking_sight on events (id) where takes_sight;

-- Processes that decide from memory. Whoever takes sight away waits for them, or until their right has run out.
create table serving_leases (
  bucket smallint not null default 0 check (bucket = 0),
  holder text collate "C" not null,
  renewal bigint not null,
  handled bigint not null,
  until timestamptz not null,
  primary key (bucket, holder)
);
