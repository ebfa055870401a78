-- An address that was asked for and is not proved yet.
alter table users add column pending_email text collate "C";
-- What a code is about: the address it proves, or the change it undoes. Null in codes of before.
alter table one_time_codes add column about text collate "C";
create index one_time_codes_by_user on one_time_codes (bucket, user_id, purpose);

-- For as long as a change can be undone the address of before stays claimed by its account.
create table email_changes (
  bucket smallint not null,
  id bigint not null,
  user_id bigint not null,
  old_email text collate "C" not null,
  new_email text collate "C" not null,
  undo_until timestamptz not null,
  primary key (bucket, id),
  foreign key (bucket, user_id) references users (bucket, id)
);
create index email_changes_by_user on email_changes (bucket, user_id, id);
create index email_changes_by_end on email_changes (undo_until);

-- In the bucket of the name that was typed, whether anybody has it or not; a job looks, and takes the row away.
create table reset_requests (
  bucket smallint not null,
  id bigint not null,
  login text collate "C" not null,
  primary key (bucket, id)
);
