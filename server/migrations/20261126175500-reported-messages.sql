-- What a reporter had before them: all that moderators see of a message, whatever becomes of it.
create table reported_messages (
  bucket smallint not null,
  message_id bigint not null,
  reporter_id bigint not null,
  sender_id bigint not null,
  -- { text, attachments, createdAt, editedAt }
  copy jsonb not null,
  reported_at timestamptz not null,
  primary key (bucket, message_id, reporter_id)
);
create index reported_messages_by_age on reported_messages (reported_at);

-- Messages and Stories too.
alter table moderation_cases drop constraint moderation_cases_subject_check;
alter table moderation_cases add constraint moderation_cases_subject_check
  check (subject in ('post', 'comment', 'account', 'message', 'story')) not valid;
