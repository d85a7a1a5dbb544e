-- Who has chosen no hour for reminders has none: it is the usual one, which differs between reminders and digests.

-- +goose Up

ALTER TABLE people
    ALTER COLUMN reminder_hour DROP NOT NULL,
    ALTER COLUMN reminder_hour DROP DEFAULT;

-- Until now the usual hour stood there as if chosen.
UPDATE people SET reminder_hour = NULL WHERE reminder_hour = 10;
