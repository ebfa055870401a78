-- What others may do to somebody. No row: everybody may everything, and no words are hidden.
create table interaction_settings (
  bucket smallint not null,
  user_id bigint not null,
  comments text not null check (comments in ('everyone', 'followers', 'following', 'nobody')),
  mentions text not null check (mentions in ('everyone', 'followers', 'following', 'nobody')),
  messages text not null check (messages in ('everyone', 'followers', 'following', 'nobody')),
  hidden_words text[] not null,
  hides_foul_words boolean not null,
  primary key (bucket, user_id),
  foreign key (bucket, user_id) references users (bucket, id)
);

-- Nobody may comment on it.
alter table posts add column comments_off boolean not null default false;
