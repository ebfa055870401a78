-- Where the server that was started last puts new objects: who moves objects to another place must know.
create table store_homes (
  bucket smallint not null default 0 check (bucket = 0),
  store text collate "C" not null,
  home text not null check (home in ('folder', 's3')),
  noted_at timestamptz not null,
  primary key (bucket, store)
);
