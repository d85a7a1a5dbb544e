-- The clinics' clients and their animals: the clinic's own, out of the platform's reach.

-- +goose Up

-- Owners and pets draw their ids here, so a code names one thing. As many ids as there are codes: 31^7 of them.
CREATE SEQUENCE registry_ids AS bigint MINVALUE 1 MAXVALUE 27512614110;

-- The code of an id: seven characters of the 31 that are not mistaken for one another (no 0 O, no 1 I L). A one-to-one
-- map of 0..31^7-1 onto all such words, so no two ids share a code and nothing is ever retried; neighbours look
-- unrelated. Each of two rounds multiplies by a number prime to 31, adds to the lower four digits a function of the
-- upper three, to the upper a function of the lower, and swaps them: all steps can be undone, none leaves bigint.
-- It is no secret: a code says nothing, and opens nothing outside its clinic.
-- +goose StatementBegin
CREATE FUNCTION registry_code(id bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    alphabet CONSTANT text := '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
    x    bigint := id;
    high bigint; -- upper three digits, below 31^3 = 29791
    low  bigint; -- lower four digits, below 31^4 = 923521
BEGIN
    IF id < 0 OR id >= 27512614111 THEN
        RAISE EXCEPTION 'no code for id %: the range is 0 to 27512614110', id USING ERRCODE = 'numeric_value_out_of_range';
    END IF;

    x := (x * 240000011 + 15485863) % 27512614111;
    high := x / 923521;
    low  := (x % 923521 + high * high * 7919 + high * 104729) % 923521;
    high := (high + low * low % 923521 * 6151 + low * 13) % 29791;
    x := low * 29791 + high;

    x := (x * 310007867 + 32452843) % 27512614111;
    high := x / 923521;
    low  := (x % 923521 + high * high * 9973 + high * 224737) % 923521;
    high := (high + low * low % 923521 * 3571 + low * 17) % 29791;
    x := low * 29791 + high;

    RETURN substr(alphabet, (x / 887503681 + 1)::int, 1)
        || substr(alphabet, (x / 28629151 % 31 + 1)::int, 1)
        || substr(alphabet, (x / 923521 % 31 + 1)::int, 1)
        || substr(alphabet, (x / 29791 % 31 + 1)::int, 1)
        || substr(alphabet, (x / 961 % 31 + 1)::int, 1)
        || substr(alphabet, (x / 31 % 31 + 1)::int, 1)
        || substr(alphabet, (x % 31 + 1)::int, 1);
END
$$;
-- +goose StatementEnd

-- The id of a code, so that a code is looked up by the primary key and needs no index of its own. NULL for a text that
-- is no code. The steps of registry_code, undone from the last to the first.
-- +goose StatementBegin
CREATE FUNCTION registry_id(code text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    alphabet CONSTANT text := '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
    word text := upper(code);
    x    bigint := 0;
    high bigint;
    low  bigint;
BEGIN
    IF word !~ '^[2-9A-HJKMNP-Z]{7}$' THEN
        RETURN NULL;
    END IF;
    FOR i IN 1..7 LOOP
        x := x * 31 + strpos(alphabet, substr(word, i, 1)) - 1;
    END LOOP;

    low  := x / 29791;
    high := x % 29791;
    high := ((high - low * low % 923521 * 3571 - low * 17) % 29791 + 29791) % 29791;
    low  := ((low - high * high * 9973 - high * 224737) % 923521 + 923521) % 923521;
    x := ((high * 923521 + low - 32452843 + 27512614111) % 27512614111)::numeric * 2056868312 % 27512614111;

    low  := x / 29791;
    high := x % 29791;
    high := ((high - low * low % 923521 * 6151 - low * 13) % 29791 + 29791) % 29791;
    low  := ((low - high * high * 7919 - high * 104729) % 923521 + 923521) % 923521;
    x := ((high * 923521 + low - 15485863 + 27512614111) % 27512614111)::numeric * 12233271342 % 27512614111;

    RETURN x;
END
$$;
-- +goose StatementEnd

CREATE TABLE owners (
    clinic_id        bigint NOT NULL,
    owner_id         bigint NOT NULL DEFAULT nextval('registry_ids'),
    code             text NOT NULL GENERATED ALWAYS AS (registry_code(owner_id)) STORED,
    full_name        text NOT NULL,
    phone            text NOT NULL,
    second_phone     text,
    channel_id       integer,                   -- how the owner heard of the clinic
    note             text,
    registration_key uuid,                      -- the dialog that registered; none for imported owners
    registered_at    timestamptz NOT NULL DEFAULT now(),
    registered_by    bigint,                    -- staff_id; none for imported owners
    version          integer NOT NULL DEFAULT 1,
    CONSTRAINT owners_pkey PRIMARY KEY (clinic_id, owner_id),
    CONSTRAINT owners_clinic_fkey FOREIGN KEY (clinic_id) REFERENCES clinics (clinic_id),
    CONSTRAINT owners_channel_fkey FOREIGN KEY (channel_id) REFERENCES channels (channel_id),
    CONSTRAINT owners_registered_by_fkey FOREIGN KEY (clinic_id, registered_by) REFERENCES staff (clinic_id, staff_id),
    CONSTRAINT owners_full_name CHECK (is_plain(full_name, 2, 255)),
    CONSTRAINT owners_phones CHECK (is_phone(phone) AND is_phone(second_phone) IS NOT FALSE),
    CONSTRAINT owners_note CHECK (char_length(note) BETWEEN 1 AND 2000)
);

-- The newest owners first (OwnerPage) are the primary key read backwards: ids rise, so no index by time is needed.

-- OwnerByPhone: who has this phone already, asked while it is typed.
CREATE INDEX owners_by_phone ON owners (clinic_id, phone);
CREATE INDEX owners_by_second_phone ON owners (clinic_id, second_phone) WHERE second_phone IS NOT NULL;

-- OwnerRegister: the same confirmation handled twice makes one owner. Partial, as imports carry no key:
-- ON CONFLICT (clinic_id, registration_key) WHERE registration_key IS NOT NULL.
CREATE UNIQUE INDEX owners_registration_key ON owners (clinic_id, registration_key) WHERE registration_key IS NOT NULL;

CREATE TABLE pets (
    clinic_id        bigint NOT NULL,
    pet_id           bigint NOT NULL DEFAULT nextval('registry_ids'),
    owner_id         bigint NOT NULL,
    code             text NOT NULL GENERATED ALWAYS AS (registry_code(pet_id)) STORED,
    ordinal          smallint NOT NULL DEFAULT 0, -- as they were named, within one registration
    name             text NOT NULL,
    species_id       integer NOT NULL,
    birth_date       date,                      -- the first day of what is known
    birth_precision  text,                      -- how much of it is known; estimate: reckoned from an age
    sex              text,                      -- NULL: unknown
    neutered         boolean,                   -- NULL: unknown
    breed            text,
    colour           text,
    microchip        text,
    weight_grams     integer,
    deceased_on      date,
    alert            text,                      -- allergies and warnings, first on the card
    note             text,
    photo_file_id    text,                      -- Telegram's
    registration_key uuid,                      -- of a pet added to a known owner: the dialog that added it
    registered_at    timestamptz NOT NULL DEFAULT now(),
    registered_by    bigint,                    -- staff_id
    version          integer NOT NULL DEFAULT 1,
    CONSTRAINT pets_pkey PRIMARY KEY (clinic_id, pet_id),
    CONSTRAINT pets_owner_fkey FOREIGN KEY (clinic_id, owner_id) REFERENCES owners (clinic_id, owner_id),
    CONSTRAINT pets_species_fkey FOREIGN KEY (species_id) REFERENCES species (species_id),
    CONSTRAINT pets_registered_by_fkey FOREIGN KEY (clinic_id, registered_by) REFERENCES staff (clinic_id, staff_id),
    CONSTRAINT pets_name CHECK (is_plain(name, 1, 100)),
    CONSTRAINT pets_ordinal CHECK (ordinal >= 0),
    CONSTRAINT pets_birth_precision CHECK (birth_precision IN ('day', 'month', 'year', 'estimate')),
    CONSTRAINT pets_birth_known CHECK ((birth_date IS NULL) = (birth_precision IS NULL)),
    CONSTRAINT pets_birth_date CHECK (birth_date >= DATE '1900-01-01'),
    CONSTRAINT pets_deceased_on CHECK (deceased_on >= birth_date),
    CONSTRAINT pets_sex CHECK (sex IN ('male', 'female')),
    CONSTRAINT pets_breed CHECK (is_plain(breed, 1, 100)),
    CONSTRAINT pets_colour CHECK (is_plain(colour, 1, 100)),
    CONSTRAINT pets_microchip CHECK (microchip ~ '^[0-9]{15}$'),
    CONSTRAINT pets_weight CHECK (weight_grams BETWEEN 1 AND 2000000),
    CONSTRAINT pets_alert CHECK (char_length(alert) BETWEEN 1 AND 500),
    CONSTRAINT pets_note CHECK (char_length(note) BETWEEN 1 AND 2000)
);

-- OwnerPage, OwnerCard: the pets of an owner, as they were named.
CREATE INDEX pets_by_owner ON pets (clinic_id, owner_id, ordinal, pet_id);

-- PetByMicrochip: search by chip, and the warning that a chip is in the clinic already.
CREATE INDEX pets_by_microchip ON pets (clinic_id, microchip) WHERE microchip IS NOT NULL;

-- PetAdd: the same confirmation handled twice adds the pets once.
CREATE UNIQUE INDEX pets_registration_key ON pets (clinic_id, registration_key, ordinal) WHERE registration_key IS NOT NULL;

ALTER TABLE owners ENABLE ROW LEVEL SECURITY;
ALTER TABLE owners FORCE ROW LEVEL SECURITY;
ALTER TABLE pets   ENABLE ROW LEVEL SECURITY;
ALTER TABLE pets   FORCE ROW LEVEL SECURITY;

CREATE POLICY owners_own ON owners TO vetalyze_clinic
    USING (clinic_id = app_clinic()) WITH CHECK (clinic_id = app_clinic());
CREATE POLICY pets_own ON pets TO vetalyze_clinic
    USING (clinic_id = app_clinic()) WITH CHECK (clinic_id = app_clinic());

GRANT SELECT, INSERT, UPDATE, DELETE ON owners, pets TO vetalyze_clinic;
GRANT USAGE ON SEQUENCE registry_ids TO vetalyze_clinic;
