-- Accounts that are deleted and not erased yet are asked for each hour; there are hardly ever any.
create index users_unerased on users (id) where state = 'deleted' and erased_at is null;
