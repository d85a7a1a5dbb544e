-- What admins add by chat carries the key of the dialog that added it: confirmed twice, it is added once. What came with
-- the migrations has none.

-- +goose Up

ALTER TABLE species         ADD COLUMN creation_key uuid CONSTRAINT species_creation_key UNIQUE;
ALTER TABLE channels        ADD COLUMN creation_key uuid CONSTRAINT channels_creation_key UNIQUE;
ALTER TABLE payment_methods ADD COLUMN creation_key uuid CONSTRAINT payment_methods_creation_key UNIQUE;
ALTER TABLE plans           ADD COLUMN creation_key uuid CONSTRAINT plans_creation_key UNIQUE;
