-- Of those whom somebody follows, the ones with a feed of their own. The row hangs on the row of the follow, in
-- the same bucket: an unfollow, a removal or a block ends both in one transaction.
create table favourites (
  bucket smallint not null,
  user_id bigint not null,
  favourite_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, user_id, favourite_id),
  foreign key (bucket, user_id, favourite_id)
    references following (bucket, follower_id, followed_id) on delete cascade
);
create unique index favourites_by_time on favourites (bucket, user_id, id desc);

-- In which mode somebody's apps open the feed.
alter table users add column feed_mode text not null default 'ranked';
