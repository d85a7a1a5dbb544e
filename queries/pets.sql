-- name: PetAdd :execrows
-- Pets of an owner already registered. None if the key has added them before, or if the clinic has no such owner. The
-- owner is locked, so that deleting them at the same moment waits and takes these pets along.
WITH owner AS (
    SELECT owners.clinic_id, owners.owner_id
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id = (
              SELECT coalesce(asked.merged_into, asked.owner_id)
              FROM owners AS asked
              WHERE asked.clinic_id = @clinic_id
                AND asked.owner_id = @owner_id
          )
      AND owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
    FOR SHARE
), added AS (
    INSERT INTO pets (
        clinic_id, owner_id, ordinal, name, species_id, birth_date, birth_precision, registration_key, registered_at,
        registered_by
    )
    SELECT owner.clinic_id, owner.owner_id, pet.ordinal, pet.name, pet.species_id,
           NULLIF(pet.birth_date, '')::date, NULLIF(pet.birth_precision, ''), @registration_key::uuid, @now::timestamptz,
           @staff_id::bigint
    FROM owner
    CROSS JOIN ROWS FROM (unnest(@names::text[]), unnest(@species::int[]), unnest(@birth_dates::text[]),
        unnest(@birth_precisions::text[])) WITH ORDINALITY AS pet (name, species_id, birth_date, birth_precision, ordinal)
    ORDER BY pet.ordinal
    ON CONFLICT (clinic_id, registration_key, ordinal) WHERE registration_key IS NOT NULL DO NOTHING
    RETURNING pets.clinic_id, pets.owner_id, pets.pet_id, pets.name
)
INSERT INTO changes (clinic_id, owner_id, pet_id, staff_id, at, kind, after, version)
SELECT added.clinic_id, added.owner_id, added.pet_id, @staff_id::bigint, @now::timestamptz, 'added', added.name, 1
FROM added
ORDER BY added.pet_id;

-- name: PetCard :one
-- A pet by id or by code, with the owner. One that was merged into another is that other.
SELECT pets.pet_id, pets.code, pets.name, pets.species_id, pets.birth_date, pets.birth_precision, pets.sex,
       pets.neutered, pets.breed, pets.colour, pets.microchip, pets.weight_grams, pets.deceased_on, pets.alert,
       pets.note, pets.photo_file_id, pets.registered_at, pets.version, staff.full_name AS registered_by_name,
       owners.owner_id, owners.code AS owner_code, owners.full_name AS owner_name, owners.phone AS owner_phone
FROM pets
JOIN owners ON owners.clinic_id = pets.clinic_id AND owners.owner_id = pets.owner_id
LEFT JOIN staff ON staff.clinic_id = pets.clinic_id AND staff.staff_id = pets.registered_by
WHERE pets.clinic_id = @clinic_id
  AND pets.pet_id = (
          SELECT coalesce(asked.merged_into, asked.pet_id)
          FROM pets AS asked
          WHERE asked.clinic_id = @clinic_id
            AND asked.pet_id = (SELECT coalesce(sqlc.narg('pet_id')::bigint, registry_id(sqlc.narg('code')::text)))
      )
  AND pets.deleted_at IS NULL
  AND pets.merged_into IS NULL
  AND owners.deleted_at IS NULL
  AND owners.merged_into IS NULL;

-- name: PetsByMicrochip :many
-- Who has this chip already, but for one pet; the latest first.
SELECT pets.pet_id, pets.name, pets.species_id, owners.owner_id, owners.full_name AS owner_name
FROM pets
JOIN owners ON owners.clinic_id = pets.clinic_id AND owners.owner_id = pets.owner_id
WHERE pets.clinic_id = @clinic_id
  AND pets.microchip = @microchip::text
  AND pets.pet_id <> @except_pet_id::bigint
  AND pets.deleted_at IS NULL
  AND pets.merged_into IS NULL
ORDER BY pets.pet_id DESC
LIMIT @at_most;

-- name: PetChange :one
-- Some fields of a pet, as OwnerChange changes an owner's. Where a pet has died is a kind of its own.
WITH before AS MATERIALIZED (
    SELECT pets.*, birth_text(birth_date, birth_precision) AS birth,
           CASE neutered WHEN true THEN 'yes' WHEN false THEN 'no' END AS spayed
    FROM pets
    WHERE pets.clinic_id = @clinic_id
      AND pets.pet_id = @pet_id
      AND pets.deleted_at IS NULL
      AND pets.merged_into IS NULL
    FOR NO KEY UPDATE
), wanted AS MATERIALIZED (
    SELECT before.clinic_id, before.pet_id,
           coalesce(sqlc.narg('name')::text, before.name) AS name,
           coalesce(sqlc.narg('species_id')::int, before.species_id) AS species_id,
           CASE WHEN sqlc.narg('birth')::text IS NULL THEN before.birth_date
                ELSE NULLIF(@birth_date::text, '')::date END AS birth_date,
           CASE WHEN sqlc.narg('birth')::text IS NULL THEN before.birth_precision
                ELSE NULLIF(@birth_precision::text, '') END AS birth_precision,
           NULLIF(coalesce(sqlc.narg('birth')::text, before.birth), '') AS birth,
           NULLIF(coalesce(sqlc.narg('sex')::text, before.sex), '') AS sex,
           NULLIF(coalesce(sqlc.narg('neutered')::text, before.spayed), '') AS spayed,
           NULLIF(coalesce(sqlc.narg('breed')::text, before.breed), '') AS breed,
           NULLIF(coalesce(sqlc.narg('colour')::text, before.colour), '') AS colour,
           NULLIF(coalesce(sqlc.narg('microchip')::text, before.microchip), '') AS microchip,
           NULLIF(coalesce(sqlc.narg('weight_grams')::int, before.weight_grams), 0) AS weight_grams,
           NULLIF(coalesce(sqlc.narg('deceased_on')::text, before.deceased_on::text), '')::date AS deceased_on,
           NULLIF(coalesce(sqlc.narg('alert')::text, before.alert), '') AS alert,
           NULLIF(coalesce(sqlc.narg('note')::text, before.note), '') AS note,
           NULLIF(coalesce(sqlc.narg('photo_file_id')::text, before.photo_file_id), '') AS photo_file_id
    FROM before
), differing AS MATERIALIZED (
    SELECT field.name, field.before, field.after, field.place
    FROM before
    JOIN wanted ON wanted.clinic_id = before.clinic_id AND wanted.pet_id = before.pet_id
    CROSS JOIN ROWS FROM (
        unnest(ARRAY['name', 'species', 'birth', 'sex', 'neutered', 'breed', 'colour', 'microchip', 'weight',
                     'deceased', 'alert', 'note', 'photo']),
        unnest(ARRAY[before.name, before.species_id::text, before.birth, before.sex, before.spayed, before.breed,
                     before.colour, before.microchip, before.weight_grams::text, before.deceased_on::text, before.alert,
                     before.note, before.photo_file_id]),
        unnest(ARRAY[wanted.name, wanted.species_id::text, wanted.birth, wanted.sex, wanted.spayed, wanted.breed,
                     wanted.colour, wanted.microchip, wanted.weight_grams::text, wanted.deceased_on::text, wanted.alert,
                     wanted.note, wanted.photo_file_id])
    ) WITH ORDINALITY AS field (name, before, after, place)
    WHERE field.before IS DISTINCT FROM field.after
), changed AS (
    UPDATE pets
    SET name = wanted.name, species_id = wanted.species_id, birth_date = wanted.birth_date,
        birth_precision = wanted.birth_precision, sex = wanted.sex, neutered = wanted.spayed = 'yes',
        breed = wanted.breed, colour = wanted.colour, microchip = wanted.microchip, weight_grams = wanted.weight_grams,
        deceased_on = wanted.deceased_on, alert = wanted.alert, note = wanted.note,
        photo_file_id = wanted.photo_file_id, version = before.version + 1
    FROM before
    JOIN wanted ON wanted.clinic_id = before.clinic_id AND wanted.pet_id = before.pet_id
    WHERE pets.clinic_id = before.clinic_id
      AND pets.pet_id = before.pet_id
      AND before.version = @version::int
      AND EXISTS (SELECT FROM differing)
    RETURNING pets.clinic_id, pets.pet_id, pets.owner_id, pets.version
), noted AS (
    INSERT INTO changes (clinic_id, owner_id, pet_id, staff_id, at, kind, field, before, after, version)
    SELECT changed.clinic_id, changed.owner_id, changed.pet_id, @staff_id::bigint, @now::timestamptz,
           CASE differing.name WHEN 'deceased' THEN 'deceased' ELSE 'changed' END, differing.name, differing.before,
           differing.after, changed.version
    FROM changed
    CROSS JOIN differing
    ORDER BY differing.place
)
SELECT EXISTS (SELECT FROM differing) AS differs, EXISTS (SELECT FROM changed) AS changed
FROM before;

-- name: PetMove :one
-- A pet to another owner of the clinic. It is told on both owners' cards. The new owner is locked, so that neither is
-- deleted meanwhile.
WITH pet AS MATERIALIZED (
    SELECT pets.clinic_id, pets.pet_id, pets.owner_id, pets.name, pets.version
    FROM pets
    WHERE pets.clinic_id = @clinic_id
      AND pets.pet_id = @pet_id
      AND pets.deleted_at IS NULL
      AND pets.merged_into IS NULL
    FOR NO KEY UPDATE
), receiver AS MATERIALIZED (
    SELECT owners.owner_id, owners.full_name
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id = @owner_id
      AND owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
    FOR SHARE
), moved AS (
    UPDATE pets
    SET owner_id = receiver.owner_id, version = pet.version + 1
    FROM pet
    CROSS JOIN receiver
    WHERE pets.clinic_id = pet.clinic_id
      AND pets.pet_id = pet.pet_id
      AND pet.version = @version::int
      AND pet.owner_id <> receiver.owner_id
    RETURNING pets.version
), noted AS (
    INSERT INTO changes (clinic_id, owner_id, pet_id, staff_id, at, kind, field, before, after, version)
    SELECT pet.clinic_id, told.owner_id, told.pet_id, @staff_id::bigint, @now::timestamptz, 'moved', told.field,
           told.before, told.after, told.version
    FROM moved
    CROSS JOIN pet
    CROSS JOIN receiver
    JOIN owners AS giver ON giver.clinic_id = pet.clinic_id AND giver.owner_id = pet.owner_id
    CROSS JOIN ROWS FROM (
        unnest(ARRAY[pet.owner_id, receiver.owner_id]), unnest(ARRAY[NULL, pet.pet_id]), unnest(ARRAY['gone', 'owner']),
        unnest(ARRAY[pet.name, giver.full_name]), unnest(ARRAY[receiver.full_name, receiver.full_name]),
        unnest(ARRAY[NULL, moved.version])
    ) AS told (owner_id, pet_id, field, before, after, version)
)
SELECT EXISTS (SELECT FROM moved) AS moved, EXISTS (SELECT FROM receiver) AS received,
       coalesce(pet.owner_id = (SELECT receiver.owner_id FROM receiver), false)::boolean AS there
FROM pet;

-- name: PetsExport :many
-- All live pets of the owners after one and up to another, by their owners and then as they were registered. Whole owners,
-- and no LIMIT: a page of pets would be sorted out of all that follow.
SELECT pets.pet_id, pets.code, pets.name, pets.species_id, pets.birth_date, pets.birth_precision, pets.sex,
       pets.neutered, pets.breed, pets.colour, pets.microchip, pets.weight_grams, pets.deceased_on, pets.alert,
       pets.note, pets.registered_at, staff.full_name AS registered_by_name,
       owners.owner_id, owners.code AS owner_code, owners.full_name AS owner_name, owners.phone AS owner_phone
FROM pets
JOIN owners ON owners.clinic_id = pets.clinic_id AND owners.owner_id = pets.owner_id
LEFT JOIN staff ON staff.clinic_id = pets.clinic_id AND staff.staff_id = pets.registered_by
WHERE pets.clinic_id = @clinic_id
  AND pets.owner_id > @after_owner::bigint
  AND pets.owner_id <= @last_owner::bigint
  AND pets.deleted_at IS NULL
  AND pets.merged_into IS NULL
  AND owners.deleted_at IS NULL
  AND owners.merged_into IS NULL
ORDER BY pets.owner_id, pets.pet_id;
