-- An account whose owner deletes it is hidden at once, and comes back when they sign in before this time; afterwards
-- everything of it goes, and the row stays as a number that names nobody.
alter table users add column delete_at timestamptz;
alter table users add column erased_at timestamptz;
create index users_leaving on users (delete_at) where delete_at is not null;
-- For taking away what somebody wrote, passed on and said elsewhere; asked by nothing else.
create index comments_by_author on comments (author_id, post_id, id);
create index shares_by_person on shares (user_id, post_id);
create index conversation_members_by_person on conversation_members (user_id, conversation_id);
