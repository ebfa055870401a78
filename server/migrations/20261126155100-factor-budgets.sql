-- How often something about second factors was done in the window that began `since`, over all processes; bucket of the account.
create table factor_budgets (
  bucket smallint not null,
  user_id bigint not null,
  kind text collate "C" not null,
  used smallint not null,
  since timestamptz not null,
  primary key (bucket, user_id, kind)
);
