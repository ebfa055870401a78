-- Who showed pictures to whom: asked when one of the two blocks the other.
create index messages_with_media on messages (bucket, conversation_id, sender_id)
  where attachments @> '[{"type": "media"}]'::jsonb;
