-- What was approved of a profile is not asked again; a suspension is carried out once.
alter table moderation_cases
  -- Digests by field: of the account's words as the moderator saw them.
  add column approved_texts jsonb,
  add column carried_out_at timestamptz;
create index moderation_cases_decided on moderation_cases (bucket, subject, subject_id, id) where state = 'decided';
