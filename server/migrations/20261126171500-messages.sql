-- Conversations lie in a bucket of their own, drawn when they are made; each person's list of them in the person's.

create table conversations (
  bucket smallint not null,
  id bigint not null,
  kind text collate "C" not null check (kind in ('direct', 'group')),
  name text,
  picture_media_id bigint,
  created_by bigint not null,
  -- Number of the last change: whoever changes anything locks this row first (docs/adr/0030).
  counter integer not null,
  created_at timestamptz not null,
  primary key (bucket, id)
);

-- The one conversation of two people, in the bucket of the one with the smaller id.
create table direct_conversations (
  bucket smallint not null,
  low_id bigint not null,
  high_id bigint not null,
  conversation_id bigint not null,
  primary key (bucket, low_id, high_id)
);

create table conversation_members (
  bucket smallint not null,
  conversation_id bigint not null,
  user_id bigint not null,
  is_admin boolean not null,
  -- False: left, or was removed.
  is_member boolean not null,
  -- Drawn on joining: who has been in it the longest has the smallest.
  joined_id bigint not null,
  -- False: a request.
  is_accepted boolean not null,
  -- Sees what comes after: set on joining and when they delete it for themselves.
  after_sequence integer not null,
  read_sequence integer not null,
  version integer not null,
  primary key (bucket, conversation_id, user_id),
  foreign key (bucket, conversation_id) references conversations (bucket, id)
);

create table messages (
  bucket smallint not null,
  conversation_id bigint not null,
  -- Its number in the conversation, for good.
  sequence integer not null,
  -- Number of its last change.
  version integer not null,
  id bigint not null,
  sender_id bigint not null,
  client_id text collate "C" not null,
  -- Of what was sent: a retry says the same.
  digest text collate "C" not null,
  text text not null,
  attachments jsonb not null,
  -- What happened, instead of words.
  notice jsonb,
  reply_to integer,
  created_at timestamptz not null,
  edited_at timestamptz,
  unsent_at timestamptz,
  primary key (bucket, conversation_id, sequence),
  foreign key (bucket, conversation_id) references conversations (bucket, id)
);
create unique index messages_by_client on messages (bucket, conversation_id, sender_id, client_id);
create unique index messages_by_id on messages (bucket, id);
-- Those that are not as they came; the others are found by their sequence.
create index messages_changed on messages (bucket, conversation_id, version) where version > sequence;

create table message_reactions (
  bucket smallint not null,
  conversation_id bigint not null,
  sequence integer not null,
  user_id bigint not null,
  emoji text not null,
  created_at timestamptz not null,
  primary key (bucket, conversation_id, sequence, user_id),
  foreign key (bucket, conversation_id) references conversations (bucket, id)
);

create table inbox (
  bucket smallint not null,
  user_id bigint not null,
  conversation_id bigint not null,
  folder text collate "C" not null check (folder in ('inbox', 'requests')),
  -- Id of what came last: the order of the list.
  activity_id bigint not null,
  unread_count integer not null,
  is_muted boolean not null,
  -- Nothing is in it, or its owner has deleted it: until something comes.
  is_hidden boolean not null,
  draft text not null,
  primary key (bucket, user_id, conversation_id)
);
create index inbox_by_activity on inbox (bucket, user_id, folder, activity_id desc) where not is_hidden;
create index inbox_unread on inbox (bucket, user_id, folder) where unread_count > 0 and not is_hidden;
