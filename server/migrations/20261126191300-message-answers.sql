-- What answers a message changes with it.
create index messages_by_answered on messages (bucket, conversation_id, reply_to) where reply_to is not null;
