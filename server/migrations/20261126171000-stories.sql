-- Pictures and videos that are there for 24 hours, in their author's bucket.
create table stories (
  bucket smallint not null,
  id bigint not null,
  author_id bigint not null,
  media_id bigint not null,
  audience text not null check (audience in ('followers', 'close_friends')),
  status text not null check (status in ('processing', 'ready', 'failed', 'review', 'removed')),
  failure_code text,
  removal_note text,
  fit text not null check (fit in ('fit', 'crop')),
  alt_text text not null,
  overlays jsonb not null,
  -- As its author wished when it was shared: it stays for them when it has expired.
  archived boolean not null,
  created_at timestamptz not null,
  published_at timestamptz,
  expires_at timestamptz not null,
  deleted_at timestamptz,
  -- Its end was seen to: what nobody keeps is gone. Null again when a highlight lets go of it.
  ended_at timestamptz,
  -- How many had seen it and reacted, once the list of who is gone.
  final_views integer,
  final_reactions integer,
  primary key (bucket, id),
  foreign key (bucket, author_id) references users (bucket, id)
);
create index stories_by_author on stories (bucket, author_id, id);
create index stories_out on stories (bucket, author_id, expires_at) where status = 'ready' and deleted_at is null;
create index stories_by_media on stories (bucket, media_id);
create index stories_to_end on stories (expires_at) where ended_at is null;
create index stories_with_views on stories (expires_at) where ended_at is not null and final_views is null;
create index stories_processing on stories (created_at) where status = 'processing' and deleted_at is null;

-- Who has seen a Story, in its bucket: once each, however often they look.
create table story_views (
  bucket smallint not null,
  story_id bigint not null,
  viewer_id bigint not null,
  id bigint not null,
  seen_at timestamptz not null,
  reaction text collate "C",
  reacted_at timestamptz,
  primary key (bucket, story_id, viewer_id)
);
create unique index story_views_by_time on story_views (bucket, story_id, id desc);

-- How many: a row for every process that counts, so that none of them waits for another at a Story that everybody looks at.
create table story_view_counts (
  bucket smallint not null,
  story_id bigint not null,
  slot smallint not null,
  views integer not null,
  primary key (bucket, story_id, slot)
);

-- The same from the viewer's side, in theirs, for as long as the Story is out.
create table story_seen (
  bucket smallint not null,
  viewer_id bigint not null,
  story_id bigint not null,
  author_id bigint not null,
  expires_at timestamptz not null,
  primary key (bucket, viewer_id, story_id)
);
create index story_seen_by_end on story_seen (expires_at);

-- From whom somebody hides their Stories, in their bucket.
create table story_hidden_from (
  bucket smallint not null,
  user_id bigint not null,
  hidden_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, user_id, hidden_id)
);
create unique index story_hidden_from_by_time on story_hidden_from (bucket, user_id, id desc);

-- The same seen from those, in theirs.
create table story_hidden_by (
  bucket smallint not null,
  hidden_id bigint not null,
  user_id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, hidden_id, user_id)
);

-- Stories that stay on the profile.
create table highlights (
  bucket smallint not null,
  id bigint not null,
  owner_id bigint not null,
  title text not null,
  cover_id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, id),
  foreign key (bucket, owner_id) references users (bucket, id)
);
create unique index highlights_by_owner on highlights (bucket, owner_id, id desc);

create table highlight_stories (
  bucket smallint not null,
  highlight_id bigint not null,
  story_id bigint not null,
  position smallint not null,
  primary key (bucket, highlight_id, story_id),
  foreign key (bucket, highlight_id) references highlights (bucket, id),
  foreign key (bucket, story_id) references stories (bucket, id)
);
create index highlight_stories_by_story on highlight_stories (bucket, story_id);

alter table preferences add column keep_story_archive boolean not null default false;
