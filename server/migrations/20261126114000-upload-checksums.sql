-- What the sender says the whole file is; null where nothing was said. Compared when the last byte has come.
alter table uploads add column sha256 text;
