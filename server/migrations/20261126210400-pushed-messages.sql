-- Up to where a person's devices were told of what came in a conversation.
alter table inbox add column pushed_sequence integer not null default 0;

-- Answers to Stories, which the nightly comparison of notifications goes through.
create index messages_story_replies on messages (bucket, id)
  where attachments @> '[{"type": "story", "isReply": true}]'::jsonb;

-- Since when a push service refuses what is sent to a device.
alter table push_subscriptions add column refused_at timestamptz;
