-- How far a walk over people has come that one round is too short for: whoever goes on, after a restart or in another process,
-- begins behind it. One row each, written over all the time; none: it begins with the first.
create table feed_walks (
  bucket smallint not null,
  walk text collate "C" not null,
  after_id bigint not null,
  primary key (bucket, walk)
);
