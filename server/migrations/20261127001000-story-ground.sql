-- The ground that a picture stands on, as its author saw it when it was shared.
alter table stories add column color text check (color ~ '^#[0-9a-f]{6}$');
