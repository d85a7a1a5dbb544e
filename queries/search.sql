-- name: OwnerSearch :many
-- A page of the owners a search finds, from the best to the least, with their living pets and those that were looked for.
-- How good a hit is, as "rank": 0 a code; 1 a number, and nothing else was typed; 2 the whole name of owner or pet;
-- 3 the beginning of it; 4 each word somewhere. The later registered come first among equals.
--
-- A page begins after the hit named by rank and owner, or ends before it; place and total say where it stands. All hits
-- are ranked for that, from the index alone: what is read grows with the clinic's hits, not with the table.
WITH wanted AS MATERIALIZED (
    SELECT ranges.word, ranges.low, ranges.high, ranges.best
    FROM search_ranges(@typed::text, @calling_code::text) AS ranges (word, low, high, best)
), coded AS MATERIALIZED (
    -- The owner with the code, or of the pet with it; what was merged has gone into another, and that into no third. (CASE,
    -- as row-level security keeps coalesce() away from the index.)
    SELECT owners.owner_id
    FROM (
        SELECT registry_id(@code::text) AS owner_id
        UNION ALL
        SELECT kept.owner_id
        FROM pets
        JOIN pets AS kept ON kept.clinic_id = pets.clinic_id
            AND kept.pet_id = CASE WHEN pets.merged_into IS NULL THEN pets.pet_id ELSE pets.merged_into END
        WHERE pets.clinic_id = @clinic_id
          AND pets.pet_id = registry_id(@code::text)
          AND pets.deleted_at IS NULL
          AND kept.deleted_at IS NULL
    ) AS meant
    JOIN owners AS asked ON asked.clinic_id = @clinic_id AND asked.owner_id = meant.owner_id
    JOIN owners ON owners.clinic_id = asked.clinic_id
        AND owners.owner_id = CASE WHEN asked.merged_into IS NULL THEN asked.owner_id ELSE asked.merged_into END
    WHERE owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
), hits AS (
    SELECT terms.owner_id,
           bit_or(1::bigint << wanted.word) AS words,
           min(
               CASE
                   WHEN wanted.best <> 2 THEN wanted.best
                   WHEN terms.leads AND terms.term = wanted.low THEN 2
                   WHEN terms.leads THEN 3
                   ELSE 4
               END
           )::int AS rank,
           array_agg(terms.pet_id) FILTER (WHERE terms.pet_id <> 0) AS pets
    FROM wanted
    CROSS JOIN LATERAL (
        -- OFFSET 0 has each range read from the index. How little that is PostgreSQL cannot know, and on a bad day it
        -- would read all terms of the clinic instead.
        SELECT kept.term, kept.owner_id, kept.pet_id, kept.leads
        FROM search_terms AS kept
        WHERE kept.clinic_id = @clinic_id
          AND kept.term >= wanted.low
          AND kept.term < wanted.high
        OFFSET 0
    ) AS terms
    GROUP BY terms.owner_id
), found AS (
    -- All words but word 0, or word 0.
    SELECT hits.owner_id, hits.rank, hits.pets
    FROM hits
    WHERE (
            hits.words & 1 = 1
            OR hits.words = (SELECT bit_or(1::bigint << wanted.word) FROM wanted WHERE wanted.word > 0)
        )
      AND hits.owner_id NOT IN (SELECT coded.owner_id FROM coded)
    UNION ALL
    SELECT coded.owner_id, 0, NULL
    FROM coded
), placed AS (
    SELECT found.owner_id, found.rank, found.pets,
           row_number() OVER (ORDER BY found.rank, found.owner_id DESC) AS place,
           count(*) OVER () AS total
    FROM found
), page AS (
    (
        SELECT placed.owner_id, placed.rank, placed.pets, placed.place, placed.total
        FROM placed
        WHERE NOT @backward::boolean
          AND (
              placed.rank > @mark_rank::int
              OR placed.rank = @mark_rank::int AND placed.owner_id < @mark_owner::bigint
          )
        ORDER BY placed.place
        LIMIT @at_most
    )
    UNION ALL
    (
        SELECT placed.owner_id, placed.rank, placed.pets, placed.place, placed.total
        FROM placed
        WHERE @backward::boolean
          AND (
              placed.rank < @mark_rank::int
              OR placed.rank = @mark_rank::int AND placed.owner_id > @mark_owner::bigint
          )
        ORDER BY placed.place DESC
        LIMIT @at_most
    )
)
SELECT page.owner_id, page.rank, page.place, page.total, owners.code, owners.full_name, owners.phone, owners.second_phone,
       (
           SELECT coalesce(array_agg(pets.name ORDER BY pets.pet_id = ANY (page.pets) IS TRUE DESC, pets.pet_id), '{}')
           FROM pets
           WHERE pets.clinic_id = @clinic_id
             AND pets.owner_id = page.owner_id
             AND pets.deleted_at IS NULL
             AND pets.merged_into IS NULL
             AND (pets.deceased_on IS NULL OR pets.pet_id = ANY (page.pets))
       )::text[] AS pets
FROM page
JOIN owners ON owners.clinic_id = @clinic_id AND owners.owner_id = page.owner_id
ORDER BY page.place;

-- name: OwnerSearchNear :many
-- Owners whom somebody may have meant: every word begins one of theirs, or sounds like one, or is one with a slip of the
-- finger after its first letter. The fewest faults first, then the later registered.
WITH wanted AS MATERIALIZED (
    SELECT ranges.word, ranges.low, ranges.high, ranges.faults, ranges.letters, ranges.slips
    FROM search_near_ranges(@typed::text) AS ranges (word, low, high, faults, letters, slips)
), hits AS (
    SELECT terms.owner_id, wanted.word, min(wanted.faults) AS faults
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT kept.term, kept.owner_id
        FROM search_terms AS kept
        WHERE kept.clinic_id = @clinic_id
          AND kept.term >= wanted.low
          AND kept.term < wanted.high
        OFFSET 0 -- as in OwnerSearch
    ) AS terms
    WHERE wanted.letters IS NULL
       OR ( -- a beginning one letter longer or shorter is one slip nearer at most, so this spares nearly all of them
           levenshtein_less_equal(wanted.letters, left(terms.term, length(wanted.letters)), wanted.slips + 1) <= wanted.slips + 1
           AND (
               levenshtein_less_equal(wanted.letters, left(terms.term, length(wanted.letters)), wanted.slips) <= wanted.slips
               OR levenshtein_less_equal(wanted.letters, left(terms.term, length(wanted.letters) - 1), wanted.slips) <= wanted.slips
               OR levenshtein_less_equal(wanted.letters, left(terms.term, length(wanted.letters) + 1), wanted.slips) <= wanted.slips
           )
       )
    GROUP BY terms.owner_id, wanted.word
), page AS (
    SELECT hits.owner_id, sum(hits.faults) AS faults
    FROM hits
    GROUP BY hits.owner_id
    HAVING count(*) = (SELECT max(wanted.word) FROM wanted)
    ORDER BY 2, 1 DESC
    LIMIT @at_most
)
SELECT page.owner_id, owners.code, owners.full_name, owners.phone, owners.second_phone,
       (
           SELECT coalesce(array_agg(pets.name ORDER BY pets.pet_id), '{}')
           FROM pets
           WHERE pets.clinic_id = @clinic_id
             AND pets.owner_id = page.owner_id
             AND pets.deleted_at IS NULL
             AND pets.merged_into IS NULL
             AND pets.deceased_on IS NULL
       )::text[] AS pets
FROM page
JOIN owners ON owners.clinic_id = @clinic_id AND owners.owner_id = page.owner_id
ORDER BY page.faults, page.owner_id DESC;

-- name: OwnerPage :many
-- A page of the list of owners, latest registered first: a row for each of their living pets, in no order, or one without a
-- pet (0). It begins after an owner; one owner more than a page says that there are more. The count of all is the same in
-- each row. A row for each pet, and not an array for each owner, as two sorted array_agg an owner took half of the time; in no
-- order, as sorting all rows for a few pets takes a tenth.
SELECT page.owner_id, page.full_name, page.phone,
       coalesce(pets.pet_id, 0) AS pet_id, coalesce(pets.name, '') AS pet_name, coalesce(pets.species_id, 0) AS pet_species,
       coalesce((SELECT owner_counts.owners FROM owner_counts WHERE owner_counts.clinic_id = @clinic_id), 0)::int AS total
FROM (
    SELECT owners.owner_id, owners.full_name, owners.phone
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id < @after
      AND owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
    ORDER BY owners.owner_id DESC
    LIMIT @at_most
) AS page
LEFT JOIN pets ON pets.clinic_id = @clinic_id AND pets.owner_id = page.owner_id
    AND pets.deleted_at IS NULL AND pets.merged_into IS NULL AND pets.deceased_on IS NULL
ORDER BY page.owner_id DESC;

-- name: OwnerPageBefore :many
-- OwnerPage going back: it ends before an owner. One statement for both ways would prepare for either each time.
SELECT page.owner_id, page.full_name, page.phone,
       coalesce(pets.pet_id, 0) AS pet_id, coalesce(pets.name, '') AS pet_name, coalesce(pets.species_id, 0) AS pet_species,
       coalesce((SELECT owner_counts.owners FROM owner_counts WHERE owner_counts.clinic_id = @clinic_id), 0)::int AS total
FROM (
    SELECT owners.owner_id, owners.full_name, owners.phone
    FROM owners
    WHERE owners.clinic_id = @clinic_id
      AND owners.owner_id > @before
      AND owners.deleted_at IS NULL
      AND owners.merged_into IS NULL
    ORDER BY owners.owner_id
    LIMIT @at_most
) AS page
LEFT JOIN pets ON pets.clinic_id = @clinic_id AND pets.owner_id = page.owner_id
    AND pets.deleted_at IS NULL AND pets.merged_into IS NULL AND pets.deceased_on IS NULL
ORDER BY page.owner_id DESC;

-- name: SearchKeep :one
-- Keeps a search for its buttons, in place of the member's oldest but 31.
INSERT INTO searches (clinic_id, staff_id, slot, number, typed, searched_at)
SELECT @clinic_id, @staff_id, next.number % 32, next.number, @typed, @now
FROM (
    SELECT coalesce(max(searches.number), 0) + 1 AS number
    FROM searches
    WHERE searches.clinic_id = @clinic_id
      AND searches.staff_id = @staff_id
) AS next
ON CONFLICT (clinic_id, staff_id, slot)
    DO UPDATE SET number = EXCLUDED.number, typed = EXCLUDED.typed, searched_at = EXCLUDED.searched_at
RETURNING number;

-- name: SearchKept :one
SELECT searches.typed
FROM searches
WHERE searches.clinic_id = @clinic_id
  AND searches.staff_id = @staff_id
  AND searches.number = @number;
