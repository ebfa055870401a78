-- Foundation: platform, accounts, graph, media, posts, feed.
-- `bucket` stands first in every primary key (docs/adr/0003); ids and times come from the application.

-- platform ---------------------------------------------------------------------------------------

create table process_slots (
  bucket smallint not null default 0 check (bucket = 0),
  slot smallint not null,
  holder text not null,
  lease_until timestamptz not null,
  high_water timestamptz not null,
  primary key (bucket, slot)
);

create table events (
  bucket smallint not null,
  id bigint not null,
  kind text collate "C" not null,
  subject_id bigint not null,
  data jsonb not null,
  primary key (bucket, id)
);
create index events_by_id on events (id);

create table relay_positions (
  bucket smallint not null default 0 check (bucket = 0),
  name text collate "C" not null,
  position bigint not null,
  holder text not null,
  lease_until timestamptz not null,
  primary key (bucket, name)
);

create table idempotency_keys (
  bucket smallint not null,
  account_id bigint not null,
  route text collate "C" not null,
  key text collate "C" not null,
  request_hash bytea not null,
  attempt text not null,
  state text not null check (state in ('running', 'done')),
  created_id bigint,
  created_at timestamptz not null,
  primary key (bucket, account_id, route, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- accounts ---------------------------------------------------------------------------------------

create table users (
  bucket smallint not null,
  id bigint not null,
  username text collate "C" not null,
  email text collate "C" not null,
  email_verified_at timestamptz,
  full_name text not null,
  bio text not null,
  -- Chosen last, maybe still in the making; avatar_key is the one shown.
  avatar_media_id bigint,
  avatar_key text collate "C",
  avatar_status text not null check (avatar_status in ('none', 'processing', 'ready', 'failed')),
  is_verified boolean not null,
  is_private boolean not null,
  state text not null check (state in ('active', 'deactivated', 'suspended', 'deleted')),
  -- Raised when sight is taken away: every media address signed before is refused.
  sight_epoch integer not null,
  roles text[] not null,
  time_zone text not null,
  language text not null,
  theme text not null,
  data_saver boolean not null,
  created_at timestamptz not null,
  primary key (bucket, id)
);
create index users_by_username on users (username text_pattern_ops);
create index users_by_name on users (lower(full_name) text_pattern_ops);
create index users_with_roles on users (id) where roles <> '{}';

-- The study's counters, apart from the wide row that they would otherwise rewrite.
create table user_counts (
  bucket smallint not null,
  user_id bigint not null,
  follower_count integer not null,
  following_count integer not null,
  post_count integer not null,
  primary key (bucket, user_id),
  foreign key (bucket, user_id) references users (bucket, id)
);

-- Global uniqueness: a claim in the bucket of the name's hash.
create table username_claims (
  bucket smallint not null,
  username text collate "C" not null,
  user_id bigint not null,
  -- Set when the account took another name: redirects until then, free after.
  released_until timestamptz,
  primary key (bucket, username)
);

create table email_claims (
  bucket smallint not null,
  email text collate "C" not null,
  user_id bigint not null,
  primary key (bucket, email)
);

create table credentials (
  bucket smallint not null,
  user_id bigint not null,
  password_hash text not null,
  changed_at timestamptz not null,
  primary key (bucket, user_id),
  foreign key (bucket, user_id) references users (bucket, id)
);

create table sessions (
  bucket smallint not null,
  user_id bigint not null,
  id bigint not null,
  token_hash bytea not null,
  user_agent text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (bucket, id),
  unique (bucket, token_hash),
  foreign key (bucket, user_id) references users (bucket, id)
);
create index sessions_by_user on sessions (bucket, user_id, id desc);
create index sessions_by_expiry on sessions (expires_at);

create table one_time_codes (
  bucket smallint not null,
  code_hash bytea not null,
  purpose text not null,
  user_id bigint,
  expires_at timestamptz,
  used_at timestamptz,
  primary key (bucket, code_hash)
);

-- graph: both directions of a relation are rows ---------------------------------------------------

create table following (
  bucket smallint not null,
  follower_id bigint not null,
  followed_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, follower_id, followed_id)
);
create unique index following_by_time on following (bucket, follower_id, id desc);

create table followers (
  bucket smallint not null,
  followed_id bigint not null,
  follower_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, followed_id, follower_id)
);
create unique index followers_by_time on followers (bucket, followed_id, id desc);

-- A request is never a follow: its own tables, so that no query can take one for the other.
create table follow_requests (
  bucket smallint not null,
  followed_id bigint not null,
  follower_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, followed_id, follower_id)
);
create unique index follow_requests_by_time on follow_requests (bucket, followed_id, id desc);

create table follow_requests_sent (
  bucket smallint not null,
  follower_id bigint not null,
  followed_id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, follower_id, followed_id)
);

create table blocks (
  bucket smallint not null,
  blocker_id bigint not null,
  blocked_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, blocker_id, blocked_id)
);
create unique index blocks_by_time on blocks (bucket, blocker_id, id desc);

create table blocked_by (
  bucket smallint not null,
  blocked_id bigint not null,
  blocker_id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, blocked_id, blocker_id)
);

create table mutes (
  bucket smallint not null,
  muter_id bigint not null,
  muted_id bigint not null,
  id bigint not null,
  posts boolean not null,
  stories boolean not null,
  created_at timestamptz not null,
  primary key (bucket, muter_id, muted_id)
);
create unique index mutes_by_time on mutes (bucket, muter_id, id desc);

-- media ------------------------------------------------------------------------------------------

create table uploads (
  bucket smallint not null,
  id bigint not null,
  owner_id bigint not null,
  purpose text not null,
  size bigint not null,
  state text not null check (state in ('uploading', 'complete', 'attached', 'expired')),
  media_id bigint,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  primary key (bucket, id)
);
create index uploads_by_expiry on uploads (expires_at) where state in ('uploading', 'complete');

create table media (
  bucket smallint not null,
  id bigint not null,
  owner_id bigint not null,
  upload_id bigint not null,
  purpose text not null,
  media_type text not null check (media_type in ('photo', 'video')),
  -- What it is attached to: a post of the owner, or null (an avatar, or not attached yet).
  post_id bigint,
  processing_status text not null check (processing_status in ('processing', 'ready', 'failed')),
  failure_code text,
  -- Renditions begun for this revision: bounds them whatever becomes of the queue.
  attempts smallint not null,
  -- Drawn anew for every rendering; part of each key, so keys never change their content.
  token text collate "C" not null,
  -- Raised by each change of crop: a rendering for an older revision is thrown away.
  revision integer not null,
  crop jsonb,
  format text,
  file_size bigint not null,
  source_width integer,
  source_height integer,
  width integer,
  height integer,
  thumbhash bytea,
  perceptual_hash bytea,
  -- Private: never presented.
  exif jsonb,
  master_key text collate "C" not null,
  original_key text collate "C",
  thumbnail_key text collate "C",
  medium_key text collate "C",
  large_key text collate "C",
  fallback_key text collate "C",
  created_at timestamptz not null,
  revoked_at timestamptz,
  primary key (bucket, id)
);
create unique index media_by_upload on media (bucket, upload_id);
create index media_by_post on media (bucket, post_id) where post_id is not null;
create index media_revoked on media (revoked_at) where revoked_at is not null;
create index media_processing on media (created_at) where processing_status = 'processing';

-- posts: range-partitioned by the post's id, by month (partitions are made by the application) -----

create table posts (
  bucket smallint not null,
  id bigint not null,
  author_id bigint not null,
  caption text not null,
  entities jsonb not null,
  place_name text,
  place_lat double precision,
  place_lng double precision,
  audience text not null check (audience in ('public')),
  status text not null check (status in ('processing', 'ready', 'failed', 'review', 'removed')),
  failure_code text,
  sensitive boolean not null,
  -- Drawn in the transaction that makes the post ready; feeds order by it. Null: never in feeds.
  feed_id bigint,
  created_at timestamptz not null,
  published_at timestamptz,
  display_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  primary key (bucket, id)
) partition by range (id);
create index posts_by_author on posts (bucket, author_id, display_at desc, id desc) where deleted_at is null;
create index posts_by_place on posts (place_name, id desc) where place_name is not null;
create index posts_deleted on posts (deleted_at) where deleted_at is not null;
create index posts_processing on posts (created_at) where status = 'processing';

create table post_media (
  bucket smallint not null,
  post_id bigint not null,
  id bigint not null,
  position smallint not null,
  alt_text text not null,
  primary key (bucket, post_id, id),
  foreign key (bucket, post_id) references posts (bucket, id)
) partition by range (post_id);

create table post_counts (
  bucket smallint not null,
  post_id bigint not null,
  like_count integer not null,
  comment_count integer not null,
  share_count integer not null,
  primary key (bucket, post_id)
) partition by range (post_id);

create table likes (
  bucket smallint not null,
  post_id bigint not null,
  user_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, post_id, user_id)
) partition by range (post_id);
create unique index likes_by_time on likes (bucket, post_id, id desc);

create table comments (
  bucket smallint not null,
  post_id bigint not null,
  id bigint not null,
  author_id bigint not null,
  parent_id bigint,
  text text not null,
  entities jsonb not null,
  reply_count integer not null,
  created_at timestamptz not null,
  primary key (bucket, post_id, id)
) partition by range (post_id);
create index comments_top on comments (bucket, post_id, id desc) where parent_id is null;
create index comments_replies on comments (bucket, post_id, parent_id, id) where parent_id is not null;

create table shares (
  bucket smallint not null,
  post_id bigint not null,
  user_id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, post_id, user_id)
) partition by range (post_id);

create table post_revisions (
  bucket smallint not null,
  post_id bigint not null,
  id bigint not null,
  caption text not null,
  replaced_at timestamptz not null,
  primary key (bucket, post_id, id)
) partition by range (post_id);
create index post_revisions_by_age on post_revisions (replaced_at);

-- The other side of likes and saves: the person's bucket.
create table likes_given (
  bucket smallint not null,
  user_id bigint not null,
  post_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, user_id, post_id)
);
create unique index likes_given_by_time on likes_given (bucket, user_id, id desc);

create table saves (
  bucket smallint not null,
  user_id bigint not null,
  post_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, user_id, post_id)
);
create unique index saves_by_time on saves (bucket, user_id, id desc);
-- For the removal of a deleted post alone.
create index saves_by_post on saves (post_id);

create table hashtags (
  bucket smallint not null,
  tag text collate "C" not null,
  post_count integer not null,
  primary key (bucket, tag)
);
create index hashtags_by_tag on hashtags (tag text_pattern_ops);

create table hashtag_posts (
  bucket smallint not null,
  tag text collate "C" not null,
  post_id bigint not null,
  author_id bigint not null,
  feed_id bigint not null,
  primary key (bucket, tag, post_id)
);
-- Back-dated posts take their place from their date, which several may share.
create unique index hashtag_posts_by_time on hashtag_posts (bucket, tag, feed_id desc, post_id desc);

-- feed: each author's published posts, narrow, in the order of feeds --------------------------------

create table outboxes (
  bucket smallint not null,
  author_id bigint not null,
  feed_id bigint not null,
  post_id bigint not null,
  primary key (bucket, author_id, feed_id)
);
create index outboxes_by_author on outboxes (author_id, feed_id desc) include (post_id);
