-- What a receptionist remembers, as the front desk searches by it: the words of names and the digits of numbers, kept
-- here by triggers on every way a row is written, and how many owners each clinic has.
--
-- The rule, in short (registry.Search tells it in full): an owner is found if every word typed begins a word of the
-- owner's name or of a pet's name, and every number of three digits or more begins or ends a phone or a microchip. How
-- letters are typed does not count (search_key), nor do spaces within the name, nor the article.

-- +goose Up

CREATE EXTENSION IF NOT EXISTS fuzzystrmatch; -- levenshtein, for typing mistakes

-- How search sees a text: lower case, without accents, vowel signs, tatweel and what is invisible, Arabic letters that
-- are typed for one another made one, digits as 0-9, and all that is neither letter nor digit as one space between
-- words. NFKD takes hamza and madda off their letters (أ إ آ ؤ ئ) and presentation forms back to letters, so only the
-- rest is spelt out. The database's locale must know letters (migrations.CheckLocale).
CREATE FUNCTION search_key(said text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(regexp_replace(
    translate(
        lower(regexp_replace(
            normalize(said, NFKD),
            '[\u00AD\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06ED\u08D3-\u08FF\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFE00-\uFE0F\uFEFF]+',
            '', 'g'
        )),
        'ٱىیةکگڪپچڤøłđı٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
        'اييهكككبجفoldi01234567890123456789'
    ),
    '[^[:alnum:]]+', ' ', 'g'
));

-- How a word of search_key sounds: its consonants, so that أحمد, Ahmed and Ahmad are one, and so are Max and ماكس. The
-- article is left out, a doubled letter counts once, a last h is not heard; 2 3 5 7 are the letters that chats write so.
-- Numbers and words of two letters (el, the most frequent of them) have no sound: NULL.
CREATE FUNCTION search_sound(word text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(word) > 2 AND word !~ '^[0-9]+$' THEN regexp_replace(
    replace(
        regexp_replace(
            translate(
                replace(replace(replace(replace(replace(replace(replace(replace(
                    regexp_replace(word, '^(ال|el|al)(?=...)', ''),
                    'x', 'ks'), 'sh', 'ش'), 'kh', 'خ'), 'th', 'ت'), 'gh', 'غ'), 'dh', 'د'), 'ch', 'ش'), 'ph', 'ف'),
                'بتثجحخدذرزسشصضطظغفقكلمنهاويءعeiouwyjqcvp2357',
                'bttghxdzrzscsdtzgfkklmnhaaaaaaaaaaagkkfbaaxh'
            ),
            '(.)\1+', '\1', 'g'
        ),
        'a', ''
    ),
    '(?<=.)h$', ''
) END;

-- The longest term kept, in characters. Names are longer now and then; an index row has an end.
CREATE FUNCTION search_longest() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 64;

-- What a name is found by. First the whole name without its spaces; then the same from each later word on, so that a
-- word, and عبدالرحمن of عبد الرحمن, is found as a beginning; then without what stands before some words (ال, عبد and
-- how they are written in Latin letters); then '~' and how each word sounds.
-- +goose StatementBegin
CREATE FUNCTION search_name_terms(name text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words text[] := string_to_array(search_key(name), ' ');
    rest  text := '';
    terms text[] := '{}';
    bare  text[] := '{}';
    sound text;
BEGIN
    FOR i IN REVERSE cardinality(words)..1 LOOP
        rest := words[i] || rest;
        terms := left(rest, search_longest()) || terms;
        IF words[i] ~ '^(ال|عبد).' THEN
            IF words[i] ~ '^عبد..' THEN bare := bare || left(substr(rest, 4), search_longest()); END IF;
            IF words[i] ~ '^عبدال..' THEN bare := bare || left(substr(rest, 6), search_longest()); END IF;
            IF words[i] ~ '^ال..' THEN bare := bare || left(substr(rest, 3), search_longest()); END IF;
        ELSIF words[i] ~ '^(abd|el|al)...' THEN
            IF words[i] ~ '^abd...' THEN bare := bare || left(substr(rest, 4), search_longest()); END IF;
            IF words[i] ~ '^abd[eua]l...' THEN bare := bare || left(substr(rest, 6), search_longest()); END IF;
            IF words[i] ~ '^[ea]l....' THEN bare := bare || left(substr(rest, 3), search_longest()); END IF;
        END IF;
        sound := search_sound(words[i]);
        IF sound <> '' THEN bare := bare || ('~' || left(sound, search_longest())); END IF;
    END LOOP;
    RETURN terms || bare;
END
$$;
-- +goose StatementEnd

-- All that an owner is found by: an E.164 phone from its first digit on, and backwards from its last after '-'.
CREATE FUNCTION search_owner_terms(full_name text, phone text, second_phone text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN search_name_terms(full_name)
    || ARRAY[phone, '-' || reverse(substr(phone, 2))]
    || CASE WHEN second_phone IS NULL THEN '{}'::text[] ELSE ARRAY[second_phone, '-' || reverse(substr(second_phone, 2))] END;

-- And a pet: a microchip after '#', and backwards like a phone.
CREATE FUNCTION search_pet_terms(name text, microchip text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN search_name_terms(name)
    || CASE WHEN microchip IS NULL THEN '{}'::text[] ELSE ARRAY['#' || microchip, '-' || reverse(microchip)] END;

-- A typed word without the Arabic article: names are kept both ways.
CREATE FUNCTION search_bare(word text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(word, '^ال(?=..)', '');

-- One row for each term of each owner and pet that is live. Written by the triggers below alone. No foreign keys: they
-- would cost more than all the rest, and the triggers hold the rows to their owners.
CREATE TABLE search_terms (
    clinic_id bigint NOT NULL,
    term      text COLLATE "C" NOT NULL,        -- by bytes, so that a beginning is a range
    owner_id  bigint NOT NULL,
    pet_id    bigint NOT NULL,                  -- whose term it is; 0: the owner's own
    leads     boolean NOT NULL,                 -- it is the whole name, from its first word
    CONSTRAINT search_terms_pkey PRIMARY KEY (clinic_id, term, owner_id, pet_id, leads)
);

-- How many live owners a clinic has, for "21-40 of 1,512": counting them is reading them.
CREATE TABLE owner_counts (
    clinic_id bigint NOT NULL,
    owners    bigint NOT NULL,
    CONSTRAINT owner_counts_pkey PRIMARY KEY (clinic_id),
    CONSTRAINT owner_counts_clinic_fkey FOREIGN KEY (clinic_id) REFERENCES clinics (clinic_id) ON DELETE CASCADE
);

-- A search of more than one hit, kept for the buttons under it: 64 bytes hold no name. Each member has the latest 32,
-- one over the other.
CREATE TABLE searches (
    clinic_id   bigint NOT NULL,
    staff_id    bigint NOT NULL,
    slot        smallint NOT NULL,              -- number modulo 32
    number      integer NOT NULL,               -- what the buttons carry
    typed       text NOT NULL,
    searched_at timestamptz NOT NULL,
    CONSTRAINT searches_pkey PRIMARY KEY (clinic_id, staff_id, slot),
    CONSTRAINT searches_staff_fkey FOREIGN KEY (clinic_id, staff_id) REFERENCES staff (clinic_id, staff_id) ON DELETE CASCADE,
    CONSTRAINT searches_slot CHECK (slot = number % 32),
    CONSTRAINT searches_typed CHECK (char_length(typed) BETWEEN 1 AND 100)
);

-- The triggers work by statement, so that a COPY of thousands costs a few statements more. A row that is deleted or
-- merged (the columns come with 00010_changes.sql) has no terms and is not counted. An update that changes nothing search
-- looks at is let go. ON CONFLICT, as a name may repeat itself, and no search may stand in the way of a registration.

-- +goose StatementBegin
CREATE FUNCTION search_owners_written() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT clinic_id, owner_id, full_name, phone, second_phone, deleted_at IS NULL AND merged_into IS NULL FROM new_rows
            EXCEPT
            SELECT clinic_id, owner_id, full_name, phone, second_phone, deleted_at IS NULL AND merged_into IS NULL FROM old_rows
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

-- +goose StatementBegin
CREATE FUNCTION search_pets_written() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT clinic_id, pet_id, owner_id, name, microchip, deleted_at IS NULL AND merged_into IS NULL FROM new_rows
            EXCEPT
            SELECT clinic_id, pet_id, owner_id, name, microchip, deleted_at IS NULL AND merged_into IS NULL FROM old_rows
        ) THEN
            RETURN NULL;
        END IF;
    END IF;

    IF TG_OP <> 'INSERT' THEN
        DELETE FROM search_terms AS kept
        USING old_rows AS gone, unnest(search_pet_terms(gone.name, gone.microchip)) AS said
        WHERE kept.clinic_id = gone.clinic_id
          AND kept.term = said
          AND kept.owner_id = gone.owner_id
          AND kept.pet_id = gone.pet_id;
    END IF;

    IF TG_OP <> 'DELETE' THEN
        INSERT INTO search_terms (clinic_id, term, owner_id, pet_id, leads)
        SELECT come.clinic_id, term.term, come.owner_id, come.pet_id, term.place = 1
        FROM new_rows AS come, unnest(search_pet_terms(come.name, come.microchip)) WITH ORDINALITY AS term (term, place)
        WHERE come.deleted_at IS NULL AND come.merged_into IS NULL
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- A trigger with transition tables serves one event, and UPDATE cannot be narrowed to columns.
CREATE TRIGGER owners_added AFTER INSERT ON owners
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_owners_written();
CREATE TRIGGER owners_changed AFTER UPDATE ON owners
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_owners_written();
CREATE TRIGGER owners_removed AFTER DELETE ON owners
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION search_owners_written();
CREATE TRIGGER pets_added AFTER INSERT ON pets
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_pets_written();
CREATE TRIGGER pets_changed AFTER UPDATE ON pets
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_pets_written();
CREATE TRIGGER pets_removed AFTER DELETE ON pets
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION search_pets_written();

-- What is there already. Without FORCE the tables' owner sees all clinics.
ALTER TABLE owners NO FORCE ROW LEVEL SECURITY;
ALTER TABLE pets   NO FORCE ROW LEVEL SECURITY;

INSERT INTO search_terms (clinic_id, term, owner_id, pet_id, leads)
SELECT owners.clinic_id, term.term, owners.owner_id, 0, term.place = 1
FROM owners,
     unnest(search_owner_terms(owners.full_name, owners.phone, owners.second_phone)) WITH ORDINALITY AS term (term, place)
ON CONFLICT DO NOTHING;

INSERT INTO search_terms (clinic_id, term, owner_id, pet_id, leads)
SELECT pets.clinic_id, term.term, pets.owner_id, pets.pet_id, term.place = 1
FROM pets, unnest(search_pet_terms(pets.name, pets.microchip)) WITH ORDINALITY AS term (term, place)
ON CONFLICT DO NOTHING;

INSERT INTO owner_counts (clinic_id, owners)
SELECT clinic_id, count(*) FROM owners GROUP BY clinic_id;

ALTER TABLE owners FORCE ROW LEVEL SECURITY;
ALTER TABLE pets   FORCE ROW LEVEL SECURITY;

-- The words typed. Numbers typed apart from one another are one.
-- +goose StatementBegin
CREATE FUNCTION search_words(typed text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    word  text;
    words text[] := '{}';
    last  int := 0;
BEGIN
    FOREACH word IN ARRAY string_to_array(search_key(typed), ' ') LOOP
        IF last > 0 AND word ~ '^[0-9]+$' AND words[last] ~ '^[0-9]+$' THEN
            words[last] := words[last] || word;
        ELSE
            last := last + 1;
            words[last] := word;
        END IF;
    END LOOP;
    RETURN words;
END
$$;
-- +goose StatementEnd

-- What a typed search looks for: ranges of terms [low, high), several of one word being alternatives, and how good a hit
-- of a range is at best (OwnerSearch). Word 0 is all that was typed without its spaces.
--
-- A number is looked for as it stands (a pet may be called 007) and, from three digits on, as the beginning of a phone
-- with its country's calling code, of one without, of a microchip, and as the end of either.
-- +goose StatementBegin
CREATE FUNCTION search_ranges(typed text, calling_code text) RETURNS TABLE (word int, low text, high text, best int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 5 AS $$
DECLARE
    words text[] := search_words(typed);
    alone boolean := cardinality(words) = 1;
    after CONSTANT text := chr(1114111); -- the last code point there is
    said  text;
BEGIN
    IF cardinality(words) = 0 THEN
        RETURN;
    END IF;
    word := 0;
    best := 2;
    low := left(array_to_string(words, ''), search_longest());
    high := low || after;
    RETURN NEXT;

    FOR said IN SELECT DISTINCT w FROM unnest(words) AS w ORDER BY w LIMIT 60 LOOP -- as many bits as a bigint has; 100 characters have fewer words
        word := word + 1;
        best := 4;
        low := left(search_bare(said), search_longest());
        high := low || after;
        RETURN NEXT;
        IF said ~ '^[0-9]{3,}$' THEN
            IF alone THEN
                best := 1;
            END IF;
            FOREACH low IN ARRAY ARRAY['+' || said, '+' || calling_code || said, '#' || said, '-' || reverse(said)] LOOP
                high := low || after;
                RETURN NEXT;
            END LOOP;
            IF said LIKE '0%' THEN -- the national way, with the 0 that dials a long distance; or 00 and the calling code
                low := '+' || calling_code || substr(said, 2);
                high := low || after;
                RETURN NEXT;
            END IF;
            IF said LIKE '00%' THEN
                low := '+' || substr(said, 3);
                high := low || after;
                RETURN NEXT;
            END IF;
        END IF;
    END LOOP;
END
$$;
-- +goose StatementEnd

-- The same for near matches, of eight words at most. A range with letters holds only terms that begin like them but for so many slips of the
-- finger; faults are what a hit counts against a better one.
-- +goose StatementBegin
CREATE FUNCTION search_near_ranges(typed text) RETURNS TABLE (word int, low text, high text, faults int, letters text, slips int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 5 AS $$
DECLARE
    words text[] := search_words(typed);
    after CONSTANT text := chr(1114111);
    said  text;
    sound text;
BEGIN
    IF cardinality(words) > 8 THEN -- a letter, or a joke: each word is compared with many
        RETURN;
    END IF;
    word := 0;
    FOR said IN SELECT DISTINCT w FROM unnest(words) AS w ORDER BY w LOOP
        word := word + 1;
        letters := NULL;
        faults := 0;
        low := left(search_bare(said), search_longest());
        high := low || after;
        RETURN NEXT;
        sound := search_sound(said);
        IF sound <> '' THEN
            faults := 1;
            low := '~' || left(sound, search_longest());
            high := low || chr(1); -- just this one
            RETURN NEXT;
        END IF;
        said := search_bare(said);
        IF said !~ '[0-9]' AND length(said) BETWEEN 3 AND search_longest() THEN
            faults := 2;
            letters := said;
            slips := CASE WHEN length(said) < 5 THEN 1 ELSE 2 END;
            low := left(said, 1);
            high := low || after;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
-- +goose StatementEnd

ALTER TABLE search_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_terms FORCE ROW LEVEL SECURITY;
ALTER TABLE owner_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE owner_counts FORCE ROW LEVEL SECURITY;
ALTER TABLE searches     ENABLE ROW LEVEL SECURITY;
ALTER TABLE searches     FORCE ROW LEVEL SECURITY;

CREATE POLICY search_terms_own ON search_terms TO vetalyze_clinic
    USING (clinic_id = app_clinic()) WITH CHECK (clinic_id = app_clinic());
CREATE POLICY owner_counts_own ON owner_counts TO vetalyze_clinic
    USING (clinic_id = app_clinic()) WITH CHECK (clinic_id = app_clinic());
CREATE POLICY searches_own ON searches TO vetalyze_clinic
    USING (clinic_id = app_clinic()) WITH CHECK (clinic_id = app_clinic());

-- The triggers write with the rights of whoever writes the owner.
GRANT SELECT, INSERT, DELETE ON search_terms TO vetalyze_clinic;
GRANT SELECT, INSERT, UPDATE ON owner_counts, searches TO vetalyze_clinic;
