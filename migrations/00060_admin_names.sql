-- What the platform's admins are called, for the histories that tell who did what.

-- +goose Up

-- As Telegram tells it whenever they write; an admin who never has has none.
ALTER TABLE admins
    ADD COLUMN name text,
    ADD CONSTRAINT admins_name CHECK (is_plain(name, 1, 64));
