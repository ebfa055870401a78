-- What people look at, for the order of their own feeds. All of it lies in the person's bucket.

-- Off: nothing is kept of them.
alter table users add column personalisation boolean not null default true;

-- One row a person: what serializes writing about them, and what is known of their sessions.
create table signal_people (
  bucket smallint not null,
  user_id bigint not null,
  -- Nothing from before counts: what is still on its way when somebody erases comes too late.
  erased_at timestamptz,
  -- Rows taken on this day (since 1970, UTC), to bound them.
  day integer not null,
  day_count integer not null,
  session_count double precision not null,
  session_ms double precision not null,
  gap_count double precision not null,
  gap_ms double precision not null,
  last_started_at timestamptz,
  last_ended_at timestamptz,
  primary key (bucket, user_id)
);

-- Raw, for 90 days. The key is also what keeps repetitions from counting: a thing counts once a day.
create table signals (
  bucket smallint not null,
  user_id bigint not null,
  kind text collate "C" not null,
  subject text collate "C" not null,
  day integer not null,
  id bigint not null,
  target_id bigint,
  person_id bigint,
  tag text,
  surface text,
  dwell_ms integer,
  at timestamptz not null,
  primary key (bucket, user_id, kind, subject, day)
);
create index signals_by_time on signals (bucket, user_id, id desc);
-- For the purge alone: rows come in the order of their ids.
create index signals_by_age on signals using brin (id);

-- Fading sums, in the form in which they can be added to (docs/adr/0019).
create table signal_authors (
  bucket smallint not null,
  user_id bigint not null,
  author_id bigint not null,
  given double precision not null,
  received double precision not null,
  shown double precision not null,
  primary key (bucket, user_id, author_id)
);
-- For the removal of an account alone.
create index signal_authors_by_author on signal_authors (author_id);

create table signal_features (
  bucket smallint not null,
  user_id bigint not null,
  feature text collate "C" not null,
  answered double precision not null,
  shown double precision not null,
  primary key (bucket, user_id, feature)
);

-- Hour of the local day and kind of media.
create table signal_rhythm (
  bucket smallint not null,
  user_id bigint not null,
  slot smallint not null,
  answered double precision not null,
  shown double precision not null,
  primary key (bucket, user_id, slot)
);

-- "Show less of this". No signal: it stays when signals are erased, as a mute does.
create table hidden_posts (
  bucket smallint not null,
  user_id bigint not null,
  post_id bigint not null,
  id bigint not null,
  created_at timestamptz not null,
  primary key (bucket, user_id, post_id)
);
create unique index hidden_posts_by_time on hidden_posts (bucket, user_id, id desc);

-- What a post gets of attention, of whomever: in the post's bucket.
create table post_attention (
  bucket smallint not null,
  post_id bigint not null,
  impressions integer not null,
  dwell_ms bigint not null,
  dwells integer not null,
  primary key (bucket, post_id)
) partition by range (post_id);

-- On its way there: which posts, without a word on who saw them.
create table attention_batches (
  bucket smallint not null,
  id bigint not null,
  posts jsonb not null,
  primary key (bucket, id)
);
