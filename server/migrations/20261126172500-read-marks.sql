-- Off: others do not see up to where one has read, and one does not see it of them.
alter table users add column show_read_marks boolean not null default true;

-- Up to where the others are told that somebody has read; what is read while it is not told stays untold.
alter table conversation_members add column told_sequence integer not null default 0;
