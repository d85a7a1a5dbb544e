-- name: MergeLock :exec
-- Merges of a clinic come one after the other: each looks at pointers that another may be turning. They are rare.
SELECT pg_advisory_xact_lock(hashtextextended('vetalyze merges', @clinic_id::bigint));

-- name: MergeOwners :many
-- Owners by their ids, and those that went into one of them, as documents of what a merge looks at and may change.
SELECT owners.owner_id, owners.full_name, owners.version, owners.deleted_at,
       jsonb_build_object(
           'phone', owners.phone,
           'second_phone', owners.second_phone,
           'channel_id', owners.channel_id,
           'note', owners.note,
           'merged_into', owners.merged_into
       ) AS fields
FROM owners
WHERE owners.clinic_id = @clinic_id
  AND (owners.owner_id = ANY (@owner_ids::bigint[]) OR owners.merged_into = ANY (@merged_into::bigint[]))
ORDER BY owners.owner_id
FOR UPDATE;

-- name: MergePets :many
-- Pets of owners, pets by their ids, and those that went into a pet; the deleted too, whose deletion may yet be undone.
SELECT pets.pet_id, pets.name, search_key(pets.name) AS name_key, pets.version, pets.deleted_at,
       jsonb_build_object(
           'owner_id', pets.owner_id,
           'species_id', pets.species_id,
           'birth', CASE WHEN pets.birth_date IS NOT NULL THEN jsonb_build_array(pets.birth_date, pets.birth_precision) END,
           'sex', pets.sex,
           'neutered', pets.neutered,
           'breed', pets.breed,
           'colour', pets.colour,
           'microchip', pets.microchip,
           'weight_grams', pets.weight_grams,
           'deceased_on', pets.deceased_on,
           'alert', pets.alert,
           'note', pets.note,
           'photo_file_id', pets.photo_file_id,
           'merged_into', pets.merged_into
       ) AS fields
FROM pets
WHERE pets.clinic_id = @clinic_id
  AND (
      pets.owner_id = ANY (@owner_ids::bigint[])
      OR pets.pet_id = ANY (@pet_ids::bigint[])
      OR pets.merged_into = ANY (@merged_into::bigint[])
  )
ORDER BY pets.pet_id
FOR UPDATE;

-- name: MergeOwnersPut :exec
-- What became of owners: [{"id": 7, "fields": {...}}].
UPDATE owners
SET second_phone = row.fields ->> 'second_phone',
    channel_id   = (row.fields ->> 'channel_id')::int,
    note         = row.fields ->> 'note',
    merged_into  = (row.fields ->> 'merged_into')::bigint,
    version      = owners.version + 1
FROM (
    SELECT (doc ->> 'id')::bigint AS owner_id, doc -> 'fields' AS fields
    FROM jsonb_array_elements(@rows::jsonb) AS doc
) AS row
WHERE owners.clinic_id = @clinic_id
  AND owners.owner_id = row.owner_id;

-- name: MergePetsPut :exec
-- What became of pets: [{"id": 8, "fields": {...}}].
UPDATE pets
SET owner_id        = (row.fields ->> 'owner_id')::bigint,
    birth_date      = (row.fields -> 'birth' ->> 0)::date,
    birth_precision = row.fields -> 'birth' ->> 1,
    sex             = row.fields ->> 'sex',
    neutered        = (row.fields ->> 'neutered')::boolean,
    breed           = row.fields ->> 'breed',
    colour          = row.fields ->> 'colour',
    microchip       = row.fields ->> 'microchip',
    weight_grams    = (row.fields ->> 'weight_grams')::int,
    deceased_on     = (row.fields ->> 'deceased_on')::date,
    alert           = row.fields ->> 'alert',
    note            = row.fields ->> 'note',
    photo_file_id   = row.fields ->> 'photo_file_id',
    merged_into     = (row.fields ->> 'merged_into')::bigint,
    version         = pets.version + 1
FROM (
    SELECT (doc ->> 'id')::bigint AS pet_id, doc -> 'fields' AS fields
    FROM jsonb_array_elements(@rows::jsonb) AS doc
) AS row
WHERE pets.clinic_id = @clinic_id
  AND pets.pet_id = row.pet_id;

-- name: MergeInsert :one
INSERT INTO merges (clinic_id, owner_id, twin_id, merge_key, merged_at, merged_by, moves)
VALUES (@clinic_id, @owner_id, @twin_id, @merge_key, @now, @staff_id, @moves)
RETURNING merge_id;

-- name: MergeByKey :one
SELECT merges.owner_id
FROM merges
WHERE merges.clinic_id = @clinic_id
  AND merges.merge_key = @merge_key;

-- name: MergeFind :one
-- A merge with the names of both, and whether something came into the same owner later that is not undone.
SELECT merges.merge_id, merges.owner_id, merges.twin_id, merges.merged_at, merges.moves, merges.undone_at,
       kept.full_name AS owner_name, kept.code AS owner_code, kept.deleted_at AS owner_deleted_at,
       kept.merged_into AS owner_merged_into, twin.full_name AS twin_name, twin.code AS twin_code,
       staff.full_name AS merged_by_name,
       EXISTS (
           SELECT
           FROM merges AS later
           WHERE later.clinic_id = merges.clinic_id
             AND later.owner_id = merges.owner_id
             AND later.merge_id > merges.merge_id
             AND later.undone_at IS NULL
       ) AS followed
FROM merges
JOIN owners AS kept ON kept.clinic_id = merges.clinic_id AND kept.owner_id = merges.owner_id
JOIN owners AS twin ON twin.clinic_id = merges.clinic_id AND twin.owner_id = merges.twin_id
JOIN staff ON staff.clinic_id = merges.clinic_id AND staff.staff_id = merges.merged_by
WHERE merges.clinic_id = @clinic_id
  AND merges.merge_id = @merge_id;

-- name: MergeUndo :exec
UPDATE merges
SET undone_at = @now::timestamptz,
    undone_by = @staff_id::bigint
WHERE merges.clinic_id = @clinic_id
  AND merges.merge_id = @merge_id;

-- name: MergeAudit :exec
-- What the history tells of a merge or its undoing, a line each for the cards of both owners and for every pet of two.
INSERT INTO changes (clinic_id, owner_id, pet_id, staff_id, at, kind, field, before, after, version)
SELECT @clinic_id::bigint, line.owner_id, NULLIF(line.pet_id, 0), @staff_id::bigint, @now::timestamptz, @kind::text,
       line.field, line.before, line.after,
       CASE
           WHEN line.pet_id = 0 THEN (
               SELECT owners.version FROM owners WHERE owners.clinic_id = @clinic_id AND owners.owner_id = line.owner_id
           )
           ELSE (SELECT pets.version FROM pets WHERE pets.clinic_id = @clinic_id AND pets.pet_id = line.pet_id)
       END
FROM ROWS FROM (unnest(@owner_ids::bigint[]), unnest(@pet_ids::bigint[]), unnest(@fields::text[]),
    unnest(@befores::text[]), unnest(@afters::text[])) AS line (owner_id, pet_id, field, before, after);

-- name: MergeTwins :many
-- Who may be an owner once more: of the same phone or the same whole name, the latest first. Or just those named by ids.
-- The terms are made first: row-level security lets no function of a row's columns into the index.
WITH wanted AS MATERIALIZED (
    SELECT unnest(ARRAY[known.phone, known.second_phone, (search_name_terms(known.full_name))[1]]) AS term
    FROM owners AS known
    WHERE known.clinic_id = @clinic_id
      AND known.owner_id = sqlc.narg('known_id')::bigint
)
SELECT twin.owner_id, twin.code, twin.full_name, twin.phone, twin.second_phone,
       coalesce(
           array_agg(pets.name ORDER BY pets.pet_id) FILTER (WHERE pets.deceased_on IS NULL AND pets.pet_id IS NOT NULL),
           '{}'
       )::text[] AS pets
FROM (
    SELECT owners.clinic_id, owners.owner_id, owners.code, owners.full_name, owners.phone, owners.second_phone
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id IN (
              SELECT unnest(@owner_ids::bigint[])
              UNION
              SELECT terms.owner_id
              FROM wanted
              JOIN search_terms AS terms
                ON terms.clinic_id = @clinic_id
               AND terms.term = wanted.term
               AND (terms.leads OR terms.term ^@ '+')
               AND terms.pet_id = 0
          )
      AND owners.owner_id <> @except_id
      AND owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
    ORDER BY owners.owner_id DESC
    LIMIT @at_most
) AS twin
LEFT JOIN pets ON pets.clinic_id = twin.clinic_id AND pets.owner_id = twin.owner_id
    AND pets.deleted_at IS NULL AND pets.merged_into IS NULL
GROUP BY twin.owner_id, twin.code, twin.full_name, twin.phone, twin.second_phone
ORDER BY twin.owner_id DESC;
