package registry

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// A Registration is an owner and at least one pet, to be registered once however often it is sent under its key.
type Registration struct {
	Key         db.Key
	Name        string
	Phone       string // E.164, as is the second
	SecondPhone string // empty: none
	ChannelID   int    // how the owner heard of the clinic; 0: not said
	Pets        []NewPet
}

// A NewPet is what must be known of a pet, and its birthday as far as it is.
type NewPet struct {
	Name      string
	SpeciesID int
	Birth     Birth
}

// Register saves an owner with up to [MaxPets] pets in one transaction and one round trip, and returns the card. Under
// a key that has registered an owner before, also at this moment, it saves nothing and returns that owner's card.
func (r *Registry) Register(ctx context.Context, by staff.Member, what Registration) (Owner, error) {
	if !by.May(staff.RightWriteRegistry) {
		return Owner{}, staff.ErrNotAllowed
	}
	what, err := r.checked(by, what)
	if err != nil {
		return Owner{}, err
	}
	now := r.clock.Now().Truncate(time.Microsecond) // what PostgreSQL keeps
	pets := columnsOf(what.Pets)
	rows, err := r.query.OwnerRegister(ctx, by.Scope(r.db), db.OwnerRegisterParams{
		ClinicID: by.ClinicID, StaffID: by.StaffID, Now: now, RegistrationKey: what.Key,
		FullName: what.Name, Phone: what.Phone, SecondPhone: unlessZero(what.SecondPhone), ChannelID: unlessZero(int32(what.ChannelID)),
		Names: pets.names, Species: pets.species, BirthDates: pets.births, BirthPrecisions: pets.precisions,
	})
	if err != nil {
		return Owner{}, explain("register an owner", err)
	}
	if len(rows) == 0 {
		return r.card(ctx, by, db.OwnerCardParams{RegistrationKey: &what.Key})
	}
	return registered(by, what, rows, now), nil
}

// registered is the card of an owner just saved: what was sent, and what the database made of it.
func registered(by staff.Member, what Registration, rows []db.OwnerRegisterRow, now time.Time) Owner {
	owner := Owner{
		ID: rows[0].OwnerID, Code: rows[0].Code, Name: what.Name, Phone: what.Phone, SecondPhone: what.SecondPhone,
		ChannelID: what.ChannelID, RegisteredAt: now, RegisteredBy: by.Name, Version: 1,
	}
	for i, row := range rows {
		pet := what.Pets[i]
		owner.Pets = append(owner.Pets, Pet{
			ID: row.PetID, Code: row.PetCode, Name: pet.Name, SpeciesID: pet.SpeciesID, Birth: pet.Birth,
		})
	}
	return owner
}

// AddPets saves pets of an owner already registered, and returns the card with them. Under a key that has added pets
// before it adds none and returns the card as it is.
func (r *Registry) AddPets(ctx context.Context, by staff.Member, ownerID int64, key db.Key, pets []NewPet) (Owner, error) {
	if !by.May(staff.RightWriteRegistry) {
		return Owner{}, staff.ErrNotAllowed
	}
	pets, err := r.checkedPets(by, key, pets)
	if err != nil {
		return Owner{}, err
	}
	columns := columnsOf(pets)
	what := db.PetAddParams{
		ClinicID: by.ClinicID, StaffID: by.StaffID, OwnerID: ownerID, RegistrationKey: key, Now: r.clock.Now(),
		Names: columns.names, Species: columns.species, BirthDates: columns.births, BirthPrecisions: columns.precisions,
	}
	added, err := r.query.PetAdd(ctx, by.Scope(r.db), what)
	if err == nil && added == 0 {
		// Added before under this key; or the owner went into another card at this very moment: then that one gets the pets.
		_, err = r.query.PetAdd(ctx, by.Scope(r.db), what)
	}
	if err != nil {
		return Owner{}, explain("add pets", err)
	}
	return r.card(ctx, by, db.OwnerCardParams{OwnerID: &ownerID})
}

// storedPhone is what [ParsePhone] returns.
var storedPhone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// checked holds a registration to what the parsers give, whoever made it. A second phone equal to the first is dropped.
func (r *Registry) checked(by staff.Member, what Registration) (Registration, error) {
	var err error
	if what.Name, err = ParseName(what.Name); err != nil {
		return what, err
	}
	if what.SecondPhone == what.Phone {
		what.SecondPhone = ""
	}
	if !storedPhone.MatchString(what.Phone) || what.SecondPhone != "" && !storedPhone.MatchString(what.SecondPhone) {
		return what, Invalid{FieldPhone, ReasonNotNumber}
	}
	what.Pets, err = r.checkedPets(by, what.Key, what.Pets)
	return what, err
}

func (r *Registry) checkedPets(by staff.Member, key db.Key, pets []NewPet) ([]NewPet, error) {
	if key == (db.Key{}) || len(pets) == 0 || len(pets) > MaxPets {
		return nil, ErrIncomplete
	}
	today := r.clock.Today(by.Zone())
	checked := make([]NewPet, len(pets))
	for i, pet := range pets {
		var err error
		if pet.Name, err = ParsePetName(pet.Name); err != nil {
			return nil, err
		}
		if pet.Birth.Known() {
			if _, reason := within(pet.Birth, today); reason != "" {
				return nil, Invalid{FieldBirth, reason}
			}
		}
		checked[i] = pet
	}
	return checked, nil
}

// petColumns are pets as the statements take them: side by side, with an empty text for NULL.
type petColumns struct {
	names      []string
	species    []int32
	births     []string
	precisions []string
}

func columnsOf(pets []NewPet) petColumns {
	var columns petColumns
	for _, pet := range pets {
		birth := ""
		if pet.Birth.Known() {
			birth = pet.Birth.Date.Format(time.DateOnly)
		}
		columns.names = append(columns.names, pet.Name)
		columns.species = append(columns.species, int32(pet.SpeciesID))
		columns.births = append(columns.births, birth)
		columns.precisions = append(columns.precisions, string(pet.Birth.Precision))
	}
	return columns
}

// explain turns what the database refused into an error of this package where somebody can do something about it.
func explain(doing string, err error) error {
	switch db.Broken(err) {
	case "owners_channel_fkey", "pets_species_fkey":
		err = errors.Join(ErrUnknownChoice, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// unlessZero returns a column's value: NULL for the zero value.
func unlessZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
