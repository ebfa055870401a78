-- What others did that concerns somebody: a read model, in the bucket of whom it concerns. Everything is made again from the
-- rows that it tells of; no row here says who may see it.

-- Who did it. What several did to one target is one group.
create table notifications (
  bucket smallint not null,
  user_id bigint not null,
  kind text collate "C" not null,
  -- 0: nobody is named.
  actor_id bigint not null,
  target_id bigint not null,
  -- Of the moment when it happened.
  id bigint not null,
  primary key (bucket, user_id, kind, actor_id, target_id)
);
create index notifications_by_group on notifications (bucket, user_id, kind, target_id, id desc);

create table notification_groups (
  bucket smallint not null,
  user_id bigint not null,
  kind text collate "C" not null,
  target_id bigint not null,
  id bigint not null,
  -- The post that it is about, or under which it is.
  post_id bigint,
  -- What happened, where the kind alone does not say it.
  detail text,
  -- Of the newest notification in it.
  latest_id bigint not null,
  member_count integer not null,
  -- Up to here it was opened.
  read_id bigint not null default 0,
  primary key (bucket, user_id, kind, target_id)
);
create unique index notification_groups_by_id on notification_groups (bucket, id);
create index notification_groups_by_time on notification_groups (bucket, user_id, latest_id desc, id desc);

-- Up to where a person has looked, has been pushed to and has been mailed.
create table notification_marks (
  bucket smallint not null,
  user_id bigint not null,
  seen_id bigint not null default 0,
  pushed_id bigint not null default 0,
  -- Of what concerns security, which is told at any hour.
  alarmed_id bigint not null default 0,
  digest_at timestamptz,
  primary key (bucket, user_id)
);

-- Browsers that asked to be pushed to; each lives as long as the session that asked.
create table push_subscriptions (
  bucket smallint not null,
  user_id bigint not null,
  -- SHA-256 of the endpoint.
  endpoint_hash bytea not null,
  session_id bigint not null,
  endpoint text not null,
  p256dh text not null,
  auth text not null,
  created_at timestamptz not null,
  primary key (bucket, user_id, endpoint_hash)
);

alter table preferences add column quiet_from text;
alter table preferences add column quiet_to text;
alter table preferences add column push_text boolean not null default false;
alter table preferences add column digest text not null default 'off' check (digest in ('off', 'daily', 'weekly'));
create index preferences_by_digest on preferences (bucket, user_id) where digest <> 'off';
