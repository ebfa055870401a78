-- When the set was made: one that a thief made goes when the account is taken back. Null: before this was kept.
alter table recovery_codes add column made_at timestamptz;
