-- How many mails went to a letter box that belongs to nobody here in the day that began `since`, whoever asked for them. The
-- mark is keyed, so that no address can be read from it; bucket of the mark.
create table address_mails (
  bucket smallint not null,
  mark bytea not null,
  mailed smallint not null,
  since timestamptz not null,
  primary key (bucket, mark)
);
create index address_mails_by_age on address_mails (since);
