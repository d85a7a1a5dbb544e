package registry

import (
	"context"
	"errors"
	"strconv"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// ErrChanged says that somebody has changed the card since it was read; an *OwnerChanged or *PetChanged tells what.
var ErrChanged = errors.New("registry: changed meanwhile")

// OwnerChanged is an ErrChanged with the owner as they are now and what was done since, the latest first.
type OwnerChanged struct {
	Now   Owner
	Since []Change
}

func (*OwnerChanged) Error() string { return ErrChanged.Error() }

// Unwrap makes it an ErrChanged.
func (*OwnerChanged) Unwrap() error { return ErrChanged }

// PetChanged is an ErrChanged with the pet as it is now and what was done since, the latest first.
type PetChanged struct {
	Now   PetCard
	Since []Change
}

func (*PetChanged) Error() string { return ErrChanged.Error() }

// Unwrap makes it an ErrChanged.
func (*PetChanged) Unwrap() error { return ErrChanged }

// The fields that can be changed, as a Change of the history names them.
const (
	ChangedName        = "name"
	ChangedPhone       = "phone"
	ChangedSecondPhone = "second_phone"
	ChangedChannel     = "channel"
	ChangedNote        = "note"
	ChangedSpecies     = "species"
	ChangedBirth       = "birth"
	ChangedSex         = "sex"
	ChangedNeutered    = "neutered"
	ChangedBreed       = "breed"
	ChangedColour      = "colour"
	ChangedMicrochip   = "microchip"
	ChangedWeight      = "weight"
	ChangedDeceased    = "deceased"
	ChangedAlert       = "alert"
	ChangedPhoto       = "photo"
)

// OwnerFields are the fields that can be changed, by their names above.
func OwnerFields() []string {
	return []string{ChangedName, ChangedPhone, ChangedSecondPhone, ChangedChannel, ChangedNote}
}

// PetFields are the fields that can be changed, by their names above; where a pet has died is one of them.
func PetFields() []string {
	return []string{
		ChangedName, ChangedSpecies, ChangedBirth, ChangedSex, ChangedNeutered, ChangedBreed, ChangedColour,
		ChangedMicrochip, ChangedWeight, ChangedAlert, ChangedNote, ChangedPhoto, ChangedDeceased,
	}
}

// A FieldChange is one field's new value, in the canonical form in which [Owner.Field] and [PetCard.Field] give it: an
// id, E.164, a birthday as [Birth.String], grams, a day as 2006-01-02. Empty clears a field that may be empty.
type FieldChange struct {
	Field string
	Value string
}

// Field returns a field's value as text; empty for none.
func (o Owner) Field(name string) string {
	switch name {
	case ChangedName:
		return o.Name
	case ChangedPhone:
		return o.Phone
	case ChangedSecondPhone:
		return o.SecondPhone
	case ChangedChannel:
		return decimal(o.ChannelID)
	case ChangedNote:
		return o.Note
	}
	return ""
}

// Field returns a field's value as text; empty for none.
func (p PetCard) Field(name string) string {
	switch name {
	case ChangedName:
		return p.Name
	case ChangedSpecies:
		return decimal(p.SpeciesID)
	case ChangedBirth:
		if p.Birth.Known() {
			return p.Birth.String()
		}
	case ChangedSex:
		return string(p.Sex)
	case ChangedNeutered:
		return string(p.Neutered)
	case ChangedBreed:
		return p.Breed
	case ChangedColour:
		return p.Colour
	case ChangedMicrochip:
		return p.Microchip
	case ChangedWeight:
		return decimal(p.WeightGrams)
	case ChangedAlert:
		return p.Alert
	case ChangedNote:
		return p.Note
	case ChangedPhoto:
		return p.PhotoFileID
	case ChangedDeceased:
		if p.Deceased() {
			return p.DeceasedOn.Format(time.DateOnly)
		}
	}
	return ""
}

// decimal is an id or amount as text; empty for none.
func decimal(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// ChangeOwner changes a field of an owner whom the member saw in a version, notes who did, and returns the card as it is
// then. When it has changed since, it changes nothing and returns an *OwnerChanged; when the value is the one wanted
// already, that is no conflict, so a change that is sent twice is made once.
func (r *Registry) ChangeOwner(ctx context.Context, by staff.Member, ownerID int64, version int, to FieldChange) (Owner, error) {
	if !by.May(staff.RightWriteRegistry) {
		return Owner{}, staff.ErrNotAllowed
	}
	params, err := ownerChange(to)
	if err != nil {
		return Owner{}, err
	}
	params.ClinicID, params.OwnerID, params.Version = by.ClinicID, ownerID, int32(version)
	params.StaffID, params.Now = by.StaffID, r.now()
	row, err := r.query.OwnerChange(ctx, by.Scope(r.db), params)
	if err != nil {
		return Owner{}, unlessFound("change an owner", err)
	}
	owner, err := r.card(ctx, by, db.OwnerCardParams{OwnerID: &ownerID})
	if err != nil || row.Changed || !row.Differs {
		return owner, err
	}
	return Owner{}, r.ownerChanged(ctx, by, owner, version)
}

func (r *Registry) ownerChanged(ctx context.Context, by staff.Member, now Owner, seen int) error {
	since, err := r.since(ctx, by, db.ChangesSinceParams{OwnerID: &now.ID, Version: int32(seen)})
	if err != nil {
		return err
	}
	return &OwnerChanged{Now: now, Since: since}
}

func ownerChange(to FieldChange) (db.OwnerChangeParams, error) {
	var params db.OwnerChangeParams
	var err error
	switch to.Field {
	case ChangedName:
		params.FullName, err = parsed(ParseName(to.Value))
	case ChangedPhone:
		params.Phone, err = stored(to.Value)
	case ChangedSecondPhone:
		params.SecondPhone = &to.Value
		if to.Value != "" {
			params.SecondPhone, err = stored(to.Value)
		}
	case ChangedChannel:
		params.ChannelID, err = idOf(to.Value)
	case ChangedNote:
		params.Note, err = cleared(to.Value, ParseNote)
	default:
		err = ErrIncomplete
	}
	return params, err
}

// ChangePet changes a field of a pet, as [Registry.ChangeOwner] does an owner's; the conflict is a *PetChanged.
func (r *Registry) ChangePet(ctx context.Context, by staff.Member, petID int64, version int, to FieldChange) (PetCard, error) {
	if !by.May(staff.RightWriteRegistry) {
		return PetCard{}, staff.ErrNotAllowed
	}
	params, err := petChange(to, r.clock.Today(by.Zone()))
	if err != nil {
		return PetCard{}, err
	}
	params.ClinicID, params.PetID, params.Version = by.ClinicID, petID, int32(version)
	params.StaffID, params.Now = by.StaffID, r.now()
	row, err := r.query.PetChange(ctx, by.Scope(r.db), params)
	if err != nil {
		if db.Broken(err) == "pets_deceased_on" {
			return PetCard{}, beforeBirth(to.Field)
		}
		return PetCard{}, unlessFound("change a pet", err)
	}
	pet, err := r.PetCard(ctx, by, petID)
	if err != nil || row.Changed || !row.Differs {
		return pet, err
	}
	return PetCard{}, r.petChanged(ctx, by, pet, version)
}

func (r *Registry) petChanged(ctx context.Context, by staff.Member, now PetCard, seen int) error {
	since, err := r.since(ctx, by, db.ChangesSinceParams{PetID: &now.ID, Version: int32(seen)})
	if err != nil {
		return err
	}
	return &PetChanged{Now: now, Since: since}
}

// beforeBirth says which of the two days was given wrongly.
func beforeBirth(field string) error {
	if field == ChangedDeceased {
		return Invalid{FieldDay, ReasonBeforeBirth}
	}
	return Invalid{FieldBirth, ReasonAfterDeath}
}

func petChange(to FieldChange, today time.Time) (db.PetChangeParams, error) {
	var params db.PetChangeParams
	var err error
	switch to.Field {
	case ChangedName:
		params.Name, err = parsed(ParsePetName(to.Value))
	case ChangedSpecies:
		params.SpeciesID, err = idOf(to.Value)
	case ChangedBirth:
		err = birthChange(&params, to.Value, today)
	case ChangedSex:
		params.Sex, err = oneOf(to.Value, string(Male), string(Female))
	case ChangedNeutered:
		params.Neutered, err = oneOf(to.Value, string(IsNeutered), string(NotNeutered))
	case ChangedBreed:
		params.Breed, err = cleared(to.Value, ParseBreed)
	case ChangedColour:
		params.Colour, err = cleared(to.Value, ParseColour)
	case ChangedMicrochip:
		params.Microchip, err = cleared(to.Value, ParseMicrochip)
	case ChangedWeight:
		params.WeightGrams, err = gramsOf(to.Value)
	case ChangedAlert:
		params.Alert, err = cleared(to.Value, ParseAlert)
	case ChangedNote:
		params.Note, err = cleared(to.Value, ParseNote)
	case ChangedPhoto:
		params.PhotoFileID, err = cleared(to.Value, parseFileID)
	case ChangedDeceased:
		params.DeceasedOn, err = cleared(to.Value, func(day string) (string, error) { return dayOnly(day, today) })
	default:
		err = ErrIncomplete
	}
	return params, err
}

func birthChange(params *db.PetChangeParams, text string, today time.Time) error {
	none := ""
	params.Birth = &none
	if text == "" {
		return nil
	}
	birth, err := ParseBirth(text, today)
	if err != nil || !birth.Known() {
		return err
	}
	canonical := birth.String()
	params.Birth, params.BirthDate, params.BirthPrecision = &canonical, birth.Date.Format(time.DateOnly), string(birth.Precision)
	return nil
}

// now is the time as PostgreSQL keeps it.
func (r *Registry) now() time.Time { return r.clock.Now().Truncate(time.Microsecond) }
