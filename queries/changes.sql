-- name: OwnerChange :one
-- Some fields of an owner: NULL leaves one as it is, empty (0) clears it. Only the version that was seen is changed; what
-- differed is noted in the same statement. No row: the clinic has no such owner. Not differing: all is as wanted,
-- whoever made it so. The row is locked first, so of two changes at once the second sees the first's version.
WITH before AS MATERIALIZED (
    SELECT owners.*
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id = @owner_id
      AND owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
    FOR NO KEY UPDATE
), wanted AS MATERIALIZED (
    SELECT before.clinic_id, before.owner_id,
           coalesce(sqlc.narg('full_name')::text, before.full_name) AS full_name,
           coalesce(sqlc.narg('phone')::text, before.phone) AS phone,
           NULLIF(
               NULLIF(coalesce(sqlc.narg('second_phone')::text, before.second_phone), ''),
               coalesce(sqlc.narg('phone')::text, before.phone) -- a second phone that is the first is none
           ) AS second_phone,
           NULLIF(coalesce(sqlc.narg('channel_id')::int, before.channel_id), 0) AS channel_id,
           NULLIF(coalesce(sqlc.narg('note')::text, before.note), '') AS note
    FROM before
), differing AS MATERIALIZED (
    SELECT field.name, field.before, field.after, field.place
    FROM before
    JOIN wanted ON wanted.clinic_id = before.clinic_id AND wanted.owner_id = before.owner_id
    CROSS JOIN ROWS FROM (
        unnest(ARRAY['name', 'phone', 'second_phone', 'channel', 'note']),
        unnest(ARRAY[before.full_name, before.phone, before.second_phone, before.channel_id::text, before.note]),
        unnest(ARRAY[wanted.full_name, wanted.phone, wanted.second_phone, wanted.channel_id::text, wanted.note])
    ) WITH ORDINALITY AS field (name, before, after, place)
    WHERE field.before IS DISTINCT FROM field.after
), changed AS (
    UPDATE owners
    SET full_name = wanted.full_name, phone = wanted.phone, second_phone = wanted.second_phone,
        channel_id = wanted.channel_id, note = wanted.note, version = before.version + 1
    FROM before
    JOIN wanted ON wanted.clinic_id = before.clinic_id AND wanted.owner_id = before.owner_id
    WHERE owners.clinic_id = before.clinic_id
      AND owners.owner_id = before.owner_id
      AND before.version = @version::int
      AND EXISTS (SELECT FROM differing)
    RETURNING owners.clinic_id, owners.owner_id, owners.version
), noted AS (
    INSERT INTO changes (clinic_id, owner_id, staff_id, at, kind, field, before, after, version)
    SELECT changed.clinic_id, changed.owner_id, @staff_id::bigint, @now::timestamptz, 'changed', differing.name,
           differing.before, differing.after, changed.version
    FROM changed
    CROSS JOIN differing
    ORDER BY differing.place
)
SELECT EXISTS (SELECT FROM differing) AS differs, EXISTS (SELECT FROM changed) AS changed
FROM before;

-- name: OwnerLock :exec
-- Before OwnerDelete, in one transaction with it: a pet that is just being added or moved to the owner holds a lock on
-- the owner, and is seen by the statement after this one, not by this one.
SELECT FROM owners
WHERE owners.clinic_id = @clinic_id
  AND owners.owner_id = @owner_id
FOR NO KEY UPDATE;

-- name: OwnerDelete :one
-- An owner with all pets that are still there. Only the version that was seen; no row: the clinic has no such owner. One
-- that is deleted already is told as such, so that a repeated tap finds what the first one did.
WITH owner AS MATERIALIZED (
    SELECT owners.*
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id = @owner_id
      AND owners.merged_into IS NULL
    FOR NO KEY UPDATE
), gone AS (
    UPDATE owners
    SET deleted_at = @now::timestamptz, deleted_by = @staff_id::bigint, version = owner.version + 1
    FROM owner
    WHERE owners.clinic_id = owner.clinic_id
      AND owners.owner_id = owner.owner_id
      AND owner.deleted_at IS NULL
      AND owner.version = @version::int
    RETURNING owners.clinic_id, owners.owner_id, owners.full_name, owners.version
), along AS (
    UPDATE pets
    SET deleted_at = @now::timestamptz, deleted_by = @staff_id::bigint, version = pets.version + 1
    FROM gone
    WHERE pets.clinic_id = gone.clinic_id
      AND pets.owner_id = gone.owner_id
      AND pets.deleted_at IS NULL
      AND pets.merged_into IS NULL
    RETURNING pets.clinic_id, pets.owner_id, pets.pet_id, pets.name, pets.version
), noted AS (
    INSERT INTO changes (clinic_id, owner_id, pet_id, staff_id, at, kind, before, version)
    SELECT gone.clinic_id, gone.owner_id, NULL, @staff_id::bigint, @now::timestamptz, 'deleted', gone.full_name,
           gone.version
    FROM gone
    UNION ALL
    SELECT along.clinic_id, along.owner_id, along.pet_id, @staff_id::bigint, @now::timestamptz, 'deleted', along.name,
           along.version
    FROM along
)
SELECT owner.full_name, owner.version, owner.deleted_at, owner.deleted_by, EXISTS (SELECT FROM gone) AS gone,
       CASE WHEN owner.deleted_at IS NULL THEN (SELECT count(*) FROM along) ELSE (
           SELECT count(*)
           FROM pets
           WHERE pets.clinic_id = owner.clinic_id
             AND pets.owner_id = owner.owner_id
             AND pets.deleted_at = owner.deleted_at
       ) END::int AS pets
FROM owner;

-- name: OwnerRestore :one
-- An owner deleted since a moment, with the pets deleted along.
WITH owner AS MATERIALIZED (
    SELECT owners.*
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id = @owner_id
      AND owners.merged_into IS NULL
    FOR NO KEY UPDATE
), back AS (
    UPDATE owners
    SET deleted_at = NULL, deleted_by = NULL, version = owner.version + 1
    FROM owner
    WHERE owners.clinic_id = owner.clinic_id
      AND owners.owner_id = owner.owner_id
      AND owner.deleted_at >= @since::timestamptz
    RETURNING owners.clinic_id, owners.owner_id, owners.full_name, owners.version, owner.deleted_at
), along AS (
    UPDATE pets
    SET deleted_at = NULL, deleted_by = NULL, version = pets.version + 1
    FROM back
    WHERE pets.clinic_id = back.clinic_id
      AND pets.owner_id = back.owner_id
      AND pets.deleted_at = back.deleted_at
    RETURNING pets.clinic_id, pets.owner_id, pets.pet_id, pets.name, pets.version
), noted AS (
    INSERT INTO changes (clinic_id, owner_id, pet_id, staff_id, at, kind, after, version)
    SELECT back.clinic_id, back.owner_id, NULL, @staff_id::bigint, @now::timestamptz, 'restored', back.full_name,
           back.version
    FROM back
    UNION ALL
    SELECT along.clinic_id, along.owner_id, along.pet_id, @staff_id::bigint, @now::timestamptz, 'restored', along.name,
           along.version
    FROM along
)
SELECT (owner.deleted_at IS NULL OR EXISTS (SELECT FROM back))::boolean AS live
FROM owner;

-- name: PetDelete :one
-- A pet, as OwnerDelete deletes an owner.
WITH pet AS MATERIALIZED (
    SELECT pets.*
    FROM pets
    WHERE pets.clinic_id = @clinic_id
      AND pets.pet_id = @pet_id
      AND pets.merged_into IS NULL
    FOR NO KEY UPDATE
), gone AS (
    UPDATE pets
    SET deleted_at = @now::timestamptz, deleted_by = @staff_id::bigint, version = pet.version + 1
    FROM pet
    WHERE pets.clinic_id = pet.clinic_id
      AND pets.pet_id = pet.pet_id
      AND pet.deleted_at IS NULL
      AND pet.version = @version::int
    RETURNING pets.clinic_id, pets.owner_id, pets.pet_id, pets.name, pets.version
), noted AS (
    INSERT INTO changes (clinic_id, owner_id, pet_id, staff_id, at, kind, before, version)
    SELECT gone.clinic_id, gone.owner_id, gone.pet_id, @staff_id::bigint, @now::timestamptz, 'deleted', gone.name,
           gone.version
    FROM gone
)
SELECT pet.name, pet.owner_id, pet.version, pet.deleted_at, pet.deleted_by, EXISTS (SELECT FROM gone) AS gone
FROM pet;

-- name: PetRestore :one
-- A pet deleted since a moment, unless its owner is gone.
WITH pet AS MATERIALIZED (
    SELECT pets.*
    FROM pets
    JOIN owners ON owners.clinic_id = pets.clinic_id AND owners.owner_id = pets.owner_id
    WHERE pets.clinic_id = @clinic_id
      AND pets.pet_id = @pet_id
      AND pets.merged_into IS NULL
      AND owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
    FOR NO KEY UPDATE OF pets
    FOR SHARE OF owners
), back AS (
    UPDATE pets
    SET deleted_at = NULL, deleted_by = NULL, version = pet.version + 1
    FROM pet
    WHERE pets.clinic_id = pet.clinic_id
      AND pets.pet_id = pet.pet_id
      AND pet.deleted_at >= @since::timestamptz
    RETURNING pets.clinic_id, pets.owner_id, pets.pet_id, pets.name, pets.version
), noted AS (
    INSERT INTO changes (clinic_id, owner_id, pet_id, staff_id, at, kind, after, version)
    SELECT back.clinic_id, back.owner_id, back.pet_id, @staff_id::bigint, @now::timestamptz, 'restored', back.name,
           back.version
    FROM back
)
SELECT (pet.deleted_at IS NULL OR EXISTS (SELECT FROM back))::boolean AS live
FROM pet;

-- name: ChangesOfOwner :many
-- What happened to an owner and to pets while they were the owner's, the latest first. The ids are drawn as changes are
-- made, so they stand for time and make a page's key.
SELECT changes.change_id, changes.pet_id, changes.at, changes.kind, changes.field, changes.before, changes.after,
       staff.full_name AS staff_name, pets.name AS pet_name
FROM changes
JOIN staff ON staff.clinic_id = changes.clinic_id AND staff.staff_id = changes.staff_id
LEFT JOIN pets ON pets.clinic_id = changes.clinic_id AND pets.pet_id = changes.pet_id
WHERE changes.clinic_id = @clinic_id
  AND changes.owner_id = @owner_id
  AND changes.change_id < @before_id::bigint
ORDER BY changes.change_id DESC
LIMIT @at_most;

-- name: ChangesOfPet :many
-- What happened to a pet, the latest first.
SELECT changes.change_id, changes.pet_id, changes.at, changes.kind, changes.field, changes.before, changes.after,
       staff.full_name AS staff_name, pets.name AS pet_name
FROM changes
JOIN staff ON staff.clinic_id = changes.clinic_id AND staff.staff_id = changes.staff_id
LEFT JOIN pets ON pets.clinic_id = changes.clinic_id AND pets.pet_id = changes.pet_id
WHERE changes.clinic_id = @clinic_id
  AND changes.pet_id = @pet_id::bigint
  AND changes.change_id < @before_id::bigint
ORDER BY changes.change_id DESC
LIMIT @at_most;

-- name: ChangesSince :many
-- What was done to an owner's own fields, or to a pet, after a version was seen; the latest first.
SELECT changes.change_id, changes.pet_id, changes.at, changes.kind, changes.field, changes.before, changes.after,
       staff.full_name AS staff_name, pets.name AS pet_name
FROM changes
JOIN staff ON staff.clinic_id = changes.clinic_id AND staff.staff_id = changes.staff_id
LEFT JOIN pets ON pets.clinic_id = changes.clinic_id AND pets.pet_id = changes.pet_id
WHERE changes.clinic_id = @clinic_id
  AND (sqlc.narg('owner_id')::bigint IS NULL OR changes.owner_id = sqlc.narg('owner_id') AND changes.pet_id IS NULL)
  AND (sqlc.narg('pet_id')::bigint IS NULL OR changes.pet_id = sqlc.narg('pet_id'))
  AND changes.version > @version::int
ORDER BY changes.change_id DESC
LIMIT @at_most;
