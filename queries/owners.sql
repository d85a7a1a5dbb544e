-- name: OwnerRegister :many
-- An owner and all the pets named with them. No rows if the key has registered an owner before, or is doing so at this
-- moment (the statement then waits for the other's end): OwnerCard by the key finds that one.
WITH owner AS (
    INSERT INTO owners (
        clinic_id, full_name, phone, second_phone, channel_id, registration_key, registered_at, registered_by
    )
    VALUES (
        @clinic_id, @full_name, @phone, sqlc.narg('second_phone'), sqlc.narg('channel_id'), @registration_key::uuid,
        @now::timestamptz, @staff_id::bigint
    )
    ON CONFLICT (clinic_id, registration_key) WHERE registration_key IS NOT NULL DO NOTHING
    RETURNING clinic_id, owner_id, code
), named AS (
    INSERT INTO pets (
        clinic_id, owner_id, ordinal, name, species_id, birth_date, birth_precision, registered_at, registered_by
    )
    SELECT owner.clinic_id, owner.owner_id, pet.ordinal, pet.name, pet.species_id,
           NULLIF(pet.birth_date, '')::date, NULLIF(pet.birth_precision, ''), @now::timestamptz, @staff_id::bigint
    FROM owner
    CROSS JOIN ROWS FROM (unnest(@names::text[]), unnest(@species::int[]), unnest(@birth_dates::text[]),
        unnest(@birth_precisions::text[])) WITH ORDINALITY AS pet (name, species_id, birth_date, birth_precision, ordinal)
    ORDER BY pet.ordinal
    RETURNING pet_id, code, ordinal
)
SELECT owner.owner_id, owner.code, named.pet_id, named.code AS pet_code
FROM owner
CROSS JOIN named
ORDER BY named.ordinal;

-- name: OwnerCard :many
-- An owner by id, by code or by the key that registered them, with pets, one a row; an owner without pets is one row
-- without a pet. In the order of registration, which is that of the ids, the deceased last. Asked for by the id or the code
-- of a card that went into another, it is that other's; with it comes the latest merge that is not undone.
SELECT owners.owner_id, owners.code, owners.full_name, owners.phone, owners.second_phone, owners.channel_id,
       owners.note, owners.registered_at, owners.version, staff.full_name AS registered_by_name,
       pets.pet_id, pets.code AS pet_code, pets.name AS pet_name, pets.species_id, pets.birth_date,
       pets.birth_precision, pets.alert, pets.deceased_on,
       merges.merge_id, merges.merged_at, coalesce(twin.full_name, '')::text AS twin_name
FROM owners
LEFT JOIN staff ON staff.clinic_id = owners.clinic_id AND staff.staff_id = owners.registered_by
LEFT JOIN merges ON merges.clinic_id = owners.clinic_id AND merges.owner_id = owners.owner_id
    AND merges.undone_at IS NULL AND merges.merge_id = (
    SELECT latest.merge_id
    FROM merges AS latest
    WHERE latest.clinic_id = owners.clinic_id
      AND latest.owner_id = owners.owner_id
      AND latest.undone_at IS NULL
    ORDER BY latest.merge_id DESC
    LIMIT 1
)
LEFT JOIN owners AS twin ON twin.clinic_id = merges.clinic_id AND twin.owner_id = merges.twin_id
LEFT JOIN pets ON pets.clinic_id = owners.clinic_id AND pets.owner_id = owners.owner_id
    AND pets.deleted_at IS NULL AND pets.merged_into IS NULL
WHERE owners.clinic_id = @clinic_id
  AND owners.deleted_at IS NULL
  AND owners.merged_into IS NULL
  AND owners.owner_id = (
          SELECT coalesce(asked.merged_into, asked.owner_id)
          FROM owners AS asked
          WHERE asked.clinic_id = @clinic_id
            AND asked.owner_id = ( -- a SELECT: row-level security keeps a bare coalesce() away from the index
                    SELECT coalesce(
                        sqlc.narg('owner_id')::bigint,
                        registry_id(sqlc.narg('code')::text),
                        (
                            SELECT keyed.owner_id
                            FROM owners AS keyed
                            WHERE keyed.clinic_id = @clinic_id
                              AND keyed.registration_key = sqlc.narg('registration_key')::uuid
                        )
                    )
                )
      )
ORDER BY pets.deceased_on IS NOT NULL, pets.pet_id;

-- name: OwnersByPhone :many
-- Who has this phone already, as first or second, or on a card that went into theirs; the latest first.
SELECT known.owner_id, known.code, known.full_name, known.phone, known.second_phone,
       coalesce(
           array_agg(pets.name ORDER BY pets.pet_id) FILTER (WHERE pets.deceased_on IS NULL AND pets.pet_id IS NOT NULL),
           '{}'
       )::text[] AS pets
FROM (
    SELECT owners.clinic_id, owners.owner_id, owners.code, owners.full_name, owners.phone, owners.second_phone
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id IN (
              SELECT CASE WHEN had.merged_into IS NULL THEN had.owner_id ELSE had.merged_into END
              FROM owners AS had
              WHERE had.clinic_id = @clinic_id
                AND (had.phone = @phone::text OR had.second_phone = @phone::text)
                AND had.deleted_at IS NULL
          )
      AND owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
    ORDER BY owners.owner_id DESC
    LIMIT @at_most
) AS known
LEFT JOIN pets ON pets.clinic_id = known.clinic_id AND pets.owner_id = known.owner_id
    AND pets.deleted_at IS NULL AND pets.merged_into IS NULL
GROUP BY known.owner_id, known.code, known.full_name, known.phone, known.second_phone
ORDER BY known.owner_id DESC;

-- name: OwnersExport :many
-- The next of all live owners, the first registered first, with all that a card tells of them.
SELECT owners.owner_id, owners.code, owners.full_name, owners.phone, owners.second_phone, owners.channel_id,
       owners.note, owners.registered_at, staff.full_name AS registered_by_name
FROM owners
LEFT JOIN staff ON staff.clinic_id = owners.clinic_id AND staff.staff_id = owners.registered_by
WHERE owners.clinic_id = @clinic_id
  AND owners.owner_id > @after_owner::bigint
  AND owners.deleted_at IS NULL
  AND owners.merged_into IS NULL
ORDER BY owners.owner_id
LIMIT @at_most;
