-- Moderation: what pictures were found to be, cases that wait for a person, reports, the log, the block list.

-- { model, scores, verdict: 'pass' | 'review' | 'blocked', … }; null: never looked at.
alter table media add column moderation jsonb;

-- What the moderator wrote to the owner of a removed post.
alter table posts add column removal_note text;

-- Set while the comment waits for a moderator: until then its author alone sees it.
alter table comments add column held_at timestamptz;

-- One waiting case for each subject, whoever or whatever brought it here. In the subject's bucket.
create table moderation_cases (
  bucket smallint not null,
  id bigint not null,
  subject text collate "C" not null check (subject in ('post', 'comment', 'account')),
  subject_id bigint not null,
  -- Of a comment.
  post_id bigint,
  author_id bigint not null,
  state text not null check (state in ('waiting', 'decided', 'withdrawn')),
  findings jsonb not null,
  report_count integer not null,
  opened_at timestamptz not null,
  act text check (act in ('approve', 'sensitive', 'remove')),
  decided_by bigint,
  decided_at timestamptz,
  primary key (bucket, id)
);
create unique index moderation_cases_open on moderation_cases (bucket, subject, subject_id) where state = 'waiting';
create index moderation_cases_waiting on moderation_cases (id) where state = 'waiting';

-- One of each person about each subject, in the subject's bucket; nobody but moderators reads them.
create table moderation_reports (
  bucket smallint not null,
  subject text collate "C" not null,
  subject_id bigint not null,
  reporter_id bigint not null,
  id bigint not null,
  case_id bigint not null,
  reason text not null,
  note text not null,
  created_at timestamptz not null,
  primary key (bucket, subject, subject_id, reporter_id)
);
create index moderation_reports_of_case on moderation_reports (bucket, case_id, id desc);

-- Append-only. Names stand beside the ids, so that it can be read when accounts are gone.
create table moderation_log (
  bucket smallint not null,
  id bigint not null,
  case_id bigint,
  act text not null,
  at timestamptz not null,
  -- Null: the operator, at the command line.
  actor_id bigint,
  actor_name text,
  subject text not null,
  subject_id bigint not null,
  post_id bigint,
  author_id bigint,
  author_name text,
  note text not null,
  before jsonb not null,
  after jsonb not null,
  primary key (bucket, id)
);
create index moderation_log_by_time on moderation_log (id desc);

-- Perceptual hashes of removed pictures; in the bucket of the picture.
create table blocked_pictures (
  bucket smallint not null,
  id bigint not null,
  media_id bigint not null,
  perceptual_hash bytea not null,
  created_at timestamptz not null,
  primary key (bucket, id)
);
create index blocked_pictures_by_time on blocked_pictures (id);
