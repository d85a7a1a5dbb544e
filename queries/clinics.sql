-- name: ClinicInsert :one
-- Nothing comes back when the key has made a clinic before. An unknown country is refused by its foreign key.
INSERT INTO clinics (name, owner_name, owner_phone, second_phone, country_code, time_zone, location, email, links,
                     creation_key, created_at, created_by)
VALUES (@name, @owner_name, @owner_phone, @second_phone, @country_code,
        coalesce((SELECT countries.time_zone FROM countries WHERE countries.country_code = @country_code), 'UTC'),
        @location, @email, @links, @creation_key, @now, @created_by)
ON CONFLICT (creation_key) DO NOTHING
RETURNING clinic_id;

-- name: ClinicByCreationKey :one
SELECT clinic_id
FROM clinics
WHERE creation_key = @creation_key;

-- name: ClinicPage :many
-- The admins' list by name, after the last of the page before; name_part finds by any part of the name.
SELECT clinics.clinic_id, clinics.name, clinics.owner_name, clinics.owner_phone, clinics.country_code,
       clinics.created_at, clinics.deactivated_at,
       EXISTS (
           SELECT FROM staff
           WHERE staff.clinic_id = clinics.clinic_id
             AND staff.role = 'clinic_owner'
             AND staff.telegram_id IS NOT NULL
             AND staff.stopped_at IS NULL
       ) AS owner_joined
FROM clinics
WHERE (lower(name), clinic_id) > (lower(@after_name::text), @after_id::bigint)
  AND (@name_part::text = '' OR strpos(lower(name), lower(@name_part::text)) > 0)
ORDER BY lower(name), clinic_id
LIMIT @page_size::int;
