package registry

import (
	"context"
	"fmt"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// An Owner is a clinic's client as the card shows one.
type Owner struct {
	ID           int64
	Code         string
	Name         string
	Phone        string // E.164, as is the second
	SecondPhone  string // empty: none
	ChannelID    int    // how the owner heard of the clinic; 0: not said
	Note         string
	RegisteredAt time.Time // UTC
	RegisteredBy string    // the staff member's name; empty for the imported
	Version      int
	Pets         []Pet      // as they were registered, the deceased last
	Merged       *LastMerge // the latest card that went into this one and can come out again; nil: none
}

// A Pet is an animal as its owner's card shows it.
type Pet struct {
	ID         int64
	Code       string
	Name       string
	SpeciesID  int
	Birth      Birth
	Alert      string    // allergies and warnings
	DeceasedOn time.Time // zero: alive
}

// Deceased reports whether the pet has died.
func (p Pet) Deceased() bool { return !p.DeceasedOn.IsZero() }

// Card returns an owner with pets, or ErrNotFound.
func (r *Registry) Card(ctx context.Context, by staff.Member, ownerID int64) (Owner, error) {
	return r.find(ctx, by, db.OwnerCardParams{OwnerID: &ownerID})
}

// OwnerByCode returns the owner of a code, as [ParseCode] reads it, with pets, or ErrNotFound.
func (r *Registry) OwnerByCode(ctx context.Context, by staff.Member, code string) (Owner, error) {
	code, err := ParseCode(code)
	if err != nil {
		return Owner{}, err
	}
	return r.find(ctx, by, db.OwnerCardParams{Code: &code})
}

func (r *Registry) find(ctx context.Context, by staff.Member, which db.OwnerCardParams) (Owner, error) {
	if !by.May(staff.RightReadRegistry) {
		return Owner{}, staff.ErrNotAllowed
	}
	return r.card(ctx, by, which)
}

// card reads an owner by whichever of id, code and registration key is given.
func (r *Registry) card(ctx context.Context, by staff.Member, which db.OwnerCardParams) (Owner, error) {
	which.ClinicID = by.ClinicID
	rows, err := r.query.OwnerCard(ctx, by.Scope(r.db), which)
	if err != nil {
		return Owner{}, fmt.Errorf("read an owner: %w", err)
	}
	if len(rows) == 0 {
		return Owner{}, ErrNotFound
	}
	first := rows[0]
	owner := Owner{
		ID:           first.OwnerID,
		Code:         first.Code,
		Name:         first.FullName,
		Phone:        first.Phone,
		SecondPhone:  value(first.SecondPhone),
		ChannelID:    int(value(first.ChannelID)),
		Note:         value(first.Note),
		RegisteredAt: first.RegisteredAt.UTC(),
		RegisteredBy: value(first.RegisteredByName),
		Version:      int(first.Version),
		Merged:       r.lastMerge(first),
	}
	for _, row := range rows {
		if row.PetID != nil {
			owner.Pets = append(owner.Pets, petOf(row))
		}
	}
	return owner, nil
}

func petOf(row db.OwnerCardRow) Pet {
	return Pet{
		ID:         value(row.PetID),
		Code:       value(row.PetCode),
		Name:       value(row.PetName),
		SpeciesID:  int(value(row.SpeciesID)),
		Birth:      Birth{Date: value(row.BirthDate), Precision: Precision(value(row.BirthPrecision))},
		Alert:      value(row.Alert),
		DeceasedOn: value(row.DeceasedOn),
	}
}

// maxKnown is how many owners of one phone are told: families share one, hardly more than this.
const maxKnown = 5

// A Known owner has a phone that is being typed.
type Known struct {
	ID          int64
	Code        string
	Name        string
	Phone       string
	SecondPhone string
	Pets        []string // names of the living
}

// OwnersByPhone returns who has the phone (E.164) as first or second already, or on a card that went into theirs; the latest
// first, five at most.
func (r *Registry) OwnersByPhone(ctx context.Context, by staff.Member, phone string) ([]Known, error) {
	if !by.May(staff.RightReadRegistry) {
		return nil, staff.ErrNotAllowed
	}
	rows, err := r.query.OwnersByPhone(ctx, by.Scope(r.db), db.OwnersByPhoneParams{
		ClinicID: by.ClinicID, Phone: phone, AtMost: maxKnown,
	})
	if err != nil {
		return nil, fmt.Errorf("find owners by phone: %w", err)
	}
	known := make([]Known, len(rows))
	for i, row := range rows {
		known[i] = Known{
			ID: row.OwnerID, Code: row.Code, Name: row.FullName, Phone: row.Phone, SecondPhone: value(row.SecondPhone), Pets: row.Pets,
		}
	}
	return known, nil
}

// value returns what a column holds; the zero value for NULL.
func value[T any](column *T) T {
	if column == nil {
		var zero T
		return zero
	}
	return *column
}
