-- When a person wants reminders and digests, and whether at all: an hour of their day outside the quiet ones.

-- +goose Up

ALTER TABLE people
    ADD COLUMN reminder_hour   smallint NOT NULL DEFAULT 10,
    ADD COLUMN reminders_muted boolean  NOT NULL DEFAULT false,
    ADD CONSTRAINT people_reminder_hour CHECK (reminder_hour BETWEEN 9 AND 20); -- never from 21:00 to 9:00
