-- Messages that somebody deleted for themselves: the others keep theirs.
create table cleared_messages (
  -- Of the conversation.
  bucket smallint not null,
  conversation_id bigint not null,
  user_id bigint not null,
  sequence integer not null,
  -- Number that the conversation had then: whoever knows less has not heard of it.
  version integer not null,
  primary key (bucket, conversation_id, user_id, sequence),
  foreign key (bucket, conversation_id) references conversations (bucket, id)
);

-- The largest of those numbers; 0: nothing was deleted.
alter table conversation_members add column cleared_version integer not null default 0;

-- Who is in it: those who are gone grow more, and are in nobody's way.
create index conversation_members_in on conversation_members (bucket, conversation_id) where is_member;
create index conversation_members_gone on conversation_members (bucket, conversation_id, version) where not is_member;
