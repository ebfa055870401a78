-- Whether those who see a post may read what the cameras of its media wrote. A constant default rewrites no rows.
alter table posts add column show_metadata boolean not null default false;
