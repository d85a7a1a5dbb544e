package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// Sex is a pet's; empty: unknown.
type Sex string

// The sexes.
const (
	Male   Sex = "male"
	Female Sex = "female"
)

// Neutered says whether a pet is; empty: unknown.
type Neutered string

// What may be known of it.
const (
	IsNeutered  Neutered = "yes"
	NotNeutered Neutered = "no"
)

// A PetCard is all that is known of a pet.
type PetCard struct {
	Pet
	Sex          Sex
	Neutered     Neutered
	Breed        string
	Colour       string
	Microchip    string // 15 digits
	WeightGrams  int    // 0: not weighed
	Note         string
	PhotoFileID  string // Telegram's
	RegisteredAt time.Time
	RegisteredBy string
	Version      int
	Owner        OwnerLine
}

// An OwnerLine is as much of an owner as a pet's card tells.
type OwnerLine struct {
	ID    int64
	Code  string
	Name  string
	Phone string // E.164
}

// PetCard returns a pet with its owner, or ErrNotFound.
func (r *Registry) PetCard(ctx context.Context, by staff.Member, petID int64) (PetCard, error) {
	return r.findPet(ctx, by, db.PetCardParams{PetID: &petID})
}

// PetByCode returns the pet of a code, as [ParseCode] reads it, or ErrNotFound.
func (r *Registry) PetByCode(ctx context.Context, by staff.Member, code string) (PetCard, error) {
	code, err := ParseCode(code)
	if err != nil {
		return PetCard{}, err
	}
	return r.findPet(ctx, by, db.PetCardParams{Code: &code})
}

func (r *Registry) findPet(ctx context.Context, by staff.Member, which db.PetCardParams) (PetCard, error) {
	if !by.May(staff.RightReadRegistry) {
		return PetCard{}, staff.ErrNotAllowed
	}
	which.ClinicID = by.ClinicID
	row, err := r.query.PetCard(ctx, by.Scope(r.db), which)
	if err != nil {
		return PetCard{}, unlessFound("read a pet", err)
	}
	return PetCard{
		Pet: Pet{
			ID: row.PetID, Code: row.Code, Name: row.Name, SpeciesID: int(row.SpeciesID),
			Birth: Birth{Date: value(row.BirthDate), Precision: Precision(value(row.BirthPrecision))},
			Alert: value(row.Alert), DeceasedOn: value(row.DeceasedOn),
		},
		Sex: Sex(value(row.Sex)), Neutered: neuteredOf(row.Neutered), Breed: value(row.Breed), Colour: value(row.Colour),
		Microchip: value(row.Microchip), WeightGrams: int(value(row.WeightGrams)), Note: value(row.Note),
		PhotoFileID: value(row.PhotoFileID), RegisteredAt: row.RegisteredAt.UTC(), RegisteredBy: value(row.RegisteredByName),
		Version: int(row.Version),
		Owner:   OwnerLine{ID: row.OwnerID, Code: row.OwnerCode, Name: row.OwnerName, Phone: row.OwnerPhone},
	}, nil
}

func neuteredOf(column *bool) Neutered {
	switch {
	case column == nil:
		return ""
	case *column:
		return IsNeutered
	}
	return NotNeutered
}

// A Chipped pet has a microchip that is being typed for another one.
type Chipped struct {
	PetID     int64
	Name      string
	SpeciesID int
	OwnerID   int64
	OwnerName string
}

// PetsByMicrochip returns which other pets of the clinic have the chip, the latest first, five at most. A chip is in one
// animal, but it may be registered twice, or mistyped: it is a warning and no refusal.
func (r *Registry) PetsByMicrochip(ctx context.Context, by staff.Member, chip string, exceptPetID int64) ([]Chipped, error) {
	if !by.May(staff.RightReadRegistry) {
		return nil, staff.ErrNotAllowed
	}
	rows, err := r.query.PetsByMicrochip(ctx, by.Scope(r.db), db.PetsByMicrochipParams{
		ClinicID: by.ClinicID, Microchip: chip, ExceptPetID: exceptPetID, AtMost: maxKnown,
	})
	if err != nil {
		return nil, fmt.Errorf("find pets by microchip: %w", err)
	}
	chipped := make([]Chipped, len(rows))
	for i, row := range rows {
		chipped[i] = Chipped{
			PetID: row.PetID, Name: row.Name, SpeciesID: int(row.SpeciesID), OwnerID: row.OwnerID, OwnerName: row.OwnerName,
		}
	}
	return chipped, nil
}

// unlessFound turns the lack of a row into ErrNotFound.
func unlessFound(doing string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return explain(doing, err)
}
