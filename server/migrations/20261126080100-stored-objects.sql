-- What lies in the store for a medium: [{ key, bytes, sha256, tier? }]. Null: put before this was kept; `storage verify` fills it in.
alter table media add column objects jsonb;

create table storage_counts (
  bucket smallint not null,
  account_id bigint not null,
  -- Of all objects of the account's media; changed in the transaction that changes media.objects.
  bytes bigint not null,
  -- Null: as the setting says. -1: none for this account, whatever the setting says.
  quota_bytes bigint check (quota_bytes >= -1),
  primary key (bucket, account_id)
);
