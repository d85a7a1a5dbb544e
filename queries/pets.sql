-- name: PetAdd :execrows
-- Pets of an owner already registered. None if the key has added them before, or if the clinic has no such owner.
INSERT INTO pets (
    clinic_id, owner_id, ordinal, name, species_id, birth_date, birth_precision, registration_key, registered_at,
    registered_by
)
SELECT owners.clinic_id, owners.owner_id, pet.ordinal, pet.name, pet.species_id,
       NULLIF(pet.birth_date, '')::date, NULLIF(pet.birth_precision, ''), @registration_key::uuid, @now::timestamptz,
       @staff_id::bigint
FROM owners
CROSS JOIN ROWS FROM (unnest(@names::text[]), unnest(@species::int[]), unnest(@birth_dates::text[]),
    unnest(@birth_precisions::text[])) WITH ORDINALITY AS pet (name, species_id, birth_date, birth_precision, ordinal)
WHERE owners.clinic_id = @clinic_id
  AND owners.owner_id = @owner_id
ORDER BY pet.ordinal
ON CONFLICT (clinic_id, registration_key, ordinal) WHERE registration_key IS NOT NULL DO NOTHING;
