-- What a person prefers, the same on all of their devices. No row: everything as it comes.
create table preferences (
  bucket smallint not null,
  user_id bigint not null,
  autoplay text not null check (autoplay in ('always', 'wifi', 'never')),
  default_audience text not null check (default_audience in ('public', 'followers', 'close_friends')),
  share_metadata boolean not null,
  -- By kind; what is left out is as it comes, so that a new kind needs no change here.
  notifications jsonb not null,
  primary key (bucket, user_id),
  foreign key (bucket, user_id) references users (bucket, id)
);
