package registry

import (
	"context"
	"fmt"
	"math"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// A Change is one thing that was done to an owner or a pet. What it was before and is after is in the form of
// [FieldChange]; empty: nothing.
type Change struct {
	ID     int64
	At     time.Time // UTC
	By     string    // the staff member's name
	PetID  int64     // 0: it was done to the owner
	Pet    string    // the pet's name, as it is now
	Kind   ChangeKind
	Field  string
	Before string
	After  string
}

// ChangeKind is what was done.
type ChangeKind string

// The kinds. A pet that moved is told on both owners' cards: as having come (Field "owner", before and after the owners'
// names) and as having gone (Field "gone", before the pet's name, after the new owner's).
const (
	KindChanged  ChangeKind = "changed"
	KindAdded    ChangeKind = "added"
	KindMoved    ChangeKind = "moved"
	KindDeceased ChangeKind = "deceased" // or found to be alive: After is empty
	KindDeleted  ChangeKind = "deleted"
	KindRestored ChangeKind = "restored"
	KindMerged   ChangeKind = "merged"
	KindUnmerged ChangeKind = "unmerged"

	// MovedHere and MovedAway are the fields of KindMoved.
	MovedHere = "owner"
	MovedAway = "gone"
)

// ChangePage is how many changes are shown at once, and told of a conflict.
const ChangePage = 10

// OwnerHistory returns what was done to an owner and the pets while they were the owner's, the latest first, before a
// change (0: the latest of all), and whether there is more. It is for those who may delete.
func (r *Registry) OwnerHistory(ctx context.Context, by staff.Member, ownerID, before int64) ([]Change, bool, error) {
	if !by.May(staff.RightDeleteFromRegistry) {
		return nil, false, staff.ErrNotAllowed
	}
	rows, err := r.query.ChangesOfOwner(ctx, by.Scope(r.db), db.ChangesOfOwnerParams{
		ClinicID: by.ClinicID, OwnerID: ownerID, BeforeID: orLatest(before), AtMost: ChangePage + 1,
	})
	if err != nil {
		return nil, false, fmt.Errorf("read an owner's history: %w", err)
	}
	var changes []Change
	for _, row := range rows {
		changes = append(changes, changeOf(row))
	}
	return page(changes)
}

// PetHistory returns what was done to a pet, as [Registry.OwnerHistory] does.
func (r *Registry) PetHistory(ctx context.Context, by staff.Member, petID, before int64) ([]Change, bool, error) {
	if !by.May(staff.RightDeleteFromRegistry) {
		return nil, false, staff.ErrNotAllowed
	}
	rows, err := r.query.ChangesOfPet(ctx, by.Scope(r.db), db.ChangesOfPetParams{
		ClinicID: by.ClinicID, PetID: petID, BeforeID: orLatest(before), AtMost: ChangePage + 1,
	})
	if err != nil {
		return nil, false, fmt.Errorf("read a pet's history: %w", err)
	}
	var changes []Change
	for _, row := range rows {
		changes = append(changes, changeOf(db.ChangesOfOwnerRow(row)))
	}
	return page(changes)
}

// since returns what was done after a version was seen.
func (r *Registry) since(ctx context.Context, by staff.Member, which db.ChangesSinceParams) ([]Change, error) {
	which.ClinicID, which.AtMost = by.ClinicID, ChangePage
	rows, err := r.query.ChangesSince(ctx, by.Scope(r.db), which)
	if err != nil {
		return nil, fmt.Errorf("read what changed meanwhile: %w", err)
	}
	var changes []Change
	for _, row := range rows {
		changes = append(changes, changeOf(db.ChangesOfOwnerRow(row)))
	}
	return changes, nil
}

func changeOf(row db.ChangesOfOwnerRow) Change {
	return Change{
		ID: row.ChangeID, At: row.At.UTC(), By: row.StaffName, PetID: value(row.PetID), Pet: value(row.PetName),
		Kind: ChangeKind(row.Kind), Field: value(row.Field), Before: value(row.Before), After: value(row.After),
	}
}

func page(changes []Change) ([]Change, bool, error) {
	if len(changes) > ChangePage {
		return changes[:ChangePage], true, nil
	}
	return changes, false, nil
}

func orLatest(id int64) int64 {
	if id <= 0 {
		return math.MaxInt64
	}
	return id
}
