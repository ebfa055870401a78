-- How far a walk over all media has come that one night is too short for. One row each; none: it begins anew.
create table media_walks (
  bucket smallint not null,
  walk text collate "C" not null,
  after_id bigint not null,
  primary key (bucket, walk)
);
