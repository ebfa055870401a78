-- A suspension has a reason, which is the person's own to read, and may end by itself.
alter table users add column suspension_reason text;
alter table users add column suspended_until timestamptz;
-- What the account was before, and is again afterwards.
alter table users add column state_before text;
create index users_suspended_until on users (suspended_until) where suspended_until is not null;
-- The list of accounts, newest first, and of those that are not as most are.
create index users_by_time on users (id desc);
create index users_set_apart on users (state, id desc) where state <> 'active';
