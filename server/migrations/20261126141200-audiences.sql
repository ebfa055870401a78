-- Whom posts are for. All there are by now are public: the rows need not be looked at.
alter table posts drop constraint posts_audience_check;
alter table posts add constraint posts_audience_check
  check (audience in ('public', 'followers', 'close_friends')) not valid;

-- What a tag is suggested by has to know it as well.
alter table hashtag_posts add column audience text not null default 'public';

-- Whom somebody counts among their close friends, in their own bucket.
create table close_friends (
  bucket smallint not null,
  user_id bigint not null,
  friend_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, user_id, friend_id)
);
create unique index close_friends_by_time on close_friends (bucket, user_id, id desc);

-- The same seen from the friend, in theirs.
create table close_friend_of (
  bucket smallint not null,
  friend_id bigint not null,
  user_id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, friend_id, user_id)
);

alter table users
  add column lists_visible_to text not null default 'everyone'
    check (lists_visible_to in ('everyone', 'followers', 'nobody')),
  add column hide_like_counts boolean not null default false,
  add column show_activity boolean not null default true,
  -- Has shared with some alone: who loses sight of the account had addresses that others did not have.
  add column shares_limited boolean not null default false;
