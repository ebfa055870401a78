-- Who of a post's writers sees a comment that others do not see yet.
create index comments_held on comments (bucket, post_id) where held_at is not null;
