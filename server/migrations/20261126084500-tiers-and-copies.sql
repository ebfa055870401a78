-- The day on which somebody last asked for a picture, noted at most once a day: what nobody looks at may lie on cheaper disks.
create table media_reads (
  bucket smallint not null,
  media_id bigint not null,
  read_on date not null,
  primary key (bucket, media_id)
);

-- Media of which something has not been copied to the second region. A table of its own, and written only where there is
-- a second region: it is as long as the copy is behind, and `media` is not touched for it.
create table media_uncopied (
  bucket smallint not null,
  media_id bigint not null,
  since timestamptz not null,
  -- Counts what was stored meanwhile, so that a copy of what lay there before does not pass for one of all.
  changes integer not null,
  -- Copies that found an object lost or broken in the first place; after some, only `storage repair` tries again.
  failures smallint not null,
  primary key (bucket, media_id)
);
create index media_uncopied_by_age on media_uncopied (since);
