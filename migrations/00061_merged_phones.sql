-- Phones of a card that went into another one find that other: not all of them have a place on the card that stays.

-- +goose Up

-- The terms of an owner's phones, as search_owner_terms has them.
CREATE FUNCTION search_phone_terms(phone text, second_phone text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[phone, '-' || reverse(substr(phone, 2))]
    || CASE WHEN second_phone IS NULL THEN '{}'::text[] ELSE ARRAY[second_phone, '-' || reverse(substr(second_phone, 2))] END;

-- As in 00009_search.sql, and besides: a card that went into another lends it the terms of its phones. They stand under the
-- owner who is found, and have the id of the card that lends them in place of a pet's: ids of both come from one sequence.
-- They are there as long as both are so: the trigger looks from both sides, as either may change, or both in one statement.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_owners_written() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT clinic_id, owner_id, full_name, phone, second_phone, deleted_at IS NULL, merged_into FROM new_rows
            EXCEPT
            SELECT clinic_id, owner_id, full_name, phone, second_phone, deleted_at IS NULL, merged_into FROM old_rows
        ) THEN
            RETURN NULL;
        END IF;
    END IF;

    IF TG_OP <> 'INSERT' THEN
        DELETE FROM search_terms AS kept
        USING old_rows AS gone, unnest(search_owner_terms(gone.full_name, gone.phone, gone.second_phone)) AS said
        WHERE kept.clinic_id = gone.clinic_id
          AND kept.term = said
          AND kept.owner_id = gone.owner_id
          AND kept.pet_id = 0;

        DELETE FROM search_terms AS kept
        USING old_rows AS lent, unnest(search_phone_terms(lent.phone, lent.second_phone)) AS said
        WHERE lent.merged_into IS NOT NULL
          AND kept.clinic_id = lent.clinic_id
          AND kept.term = said
          AND kept.owner_id = lent.merged_into
          AND kept.pet_id = lent.owner_id;

        DELETE FROM search_terms AS kept
        USING old_rows AS gone, owners AS lent, unnest(search_phone_terms(lent.phone, lent.second_phone)) AS said
        WHERE lent.clinic_id = gone.clinic_id
          AND lent.merged_into = gone.owner_id
          AND kept.clinic_id = gone.clinic_id
          AND kept.term = said
          AND kept.owner_id = gone.owner_id
          AND kept.pet_id = lent.owner_id;

        INSERT INTO owner_counts AS counted (clinic_id, owners)
        SELECT gone.clinic_id, -count(*)
        FROM old_rows AS gone
        WHERE gone.deleted_at IS NULL AND gone.merged_into IS NULL
        GROUP BY gone.clinic_id
        ORDER BY gone.clinic_id
        ON CONFLICT (clinic_id) DO UPDATE SET owners = counted.owners + EXCLUDED.owners;
    END IF;

    IF TG_OP <> 'DELETE' THEN
        INSERT INTO search_terms (clinic_id, term, owner_id, pet_id, leads)
        SELECT come.clinic_id, term.term, come.owner_id, 0, term.place = 1
        FROM new_rows AS come,
             unnest(search_owner_terms(come.full_name, come.phone, come.second_phone)) WITH ORDINALITY AS term (term, place)
        WHERE come.deleted_at IS NULL AND come.merged_into IS NULL
        ON CONFLICT DO NOTHING;

        INSERT INTO search_terms (clinic_id, term, owner_id, pet_id, leads)
        SELECT lent.clinic_id, said, found.owner_id, lent.owner_id, false
        FROM new_rows AS lent
        JOIN owners AS found ON found.clinic_id = lent.clinic_id AND found.owner_id = lent.merged_into
            AND found.deleted_at IS NULL AND found.merged_into IS NULL
        CROSS JOIN unnest(search_phone_terms(lent.phone, lent.second_phone)) AS said
        WHERE lent.deleted_at IS NULL
        ON CONFLICT DO NOTHING;

        IF TG_OP = 'UPDATE' THEN -- into a card that has just been made nothing has gone yet
            INSERT INTO search_terms (clinic_id, term, owner_id, pet_id, leads)
            SELECT lent.clinic_id, said, found.owner_id, lent.owner_id, false
            FROM new_rows AS found
            JOIN owners AS lent ON lent.clinic_id = found.clinic_id AND lent.merged_into = found.owner_id
                AND lent.deleted_at IS NULL
            CROSS JOIN unnest(search_phone_terms(lent.phone, lent.second_phone)) AS said
            WHERE found.deleted_at IS NULL AND found.merged_into IS NULL
            ON CONFLICT DO NOTHING;
        END IF;

        INSERT INTO owner_counts AS counted (clinic_id, owners)
        SELECT come.clinic_id, count(*)
        FROM new_rows AS come
        WHERE come.deleted_at IS NULL AND come.merged_into IS NULL
        GROUP BY come.clinic_id
        ORDER BY come.clinic_id
        ON CONFLICT (clinic_id) DO UPDATE SET owners = counted.owners + EXCLUDED.owners;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- What has been merged already. Without FORCE the tables' owner sees all clinics.
ALTER TABLE owners NO FORCE ROW LEVEL SECURITY;

INSERT INTO search_terms (clinic_id, term, owner_id, pet_id, leads)
SELECT lent.clinic_id, said, found.owner_id, lent.owner_id, false
FROM owners AS lent
JOIN owners AS found ON found.clinic_id = lent.clinic_id AND found.owner_id = lent.merged_into
    AND found.deleted_at IS NULL AND found.merged_into IS NULL
CROSS JOIN unnest(search_phone_terms(lent.phone, lent.second_phone)) AS said
WHERE lent.merged_into IS NOT NULL AND lent.deleted_at IS NULL
ON CONFLICT DO NOTHING;

ALTER TABLE owners FORCE ROW LEVEL SECURITY;
