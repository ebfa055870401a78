-- The day on which somebody last asked for a picture, noted at most once a day: what nobody looks at may lie on cheaper disks.
create table media_reads (
  bucket smallint not null,
  media_id bigint not null,
  read_on date not null,
  primary key (bucket, media_id)
);

-- Since when something of the medium has not been copied to the second region; null: all of it lies there.
-- Without a second region nobody asks, and all of it counts as waiting once there is one.
alter table media add column uncopied_since timestamptz;
update media set uncopied_since = created_at where revoked_at is null;
create index media_uncopied on media (uncopied_since) where uncopied_since is not null;
