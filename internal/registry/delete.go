package registry

import (
	"context"
	"errors"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// UndoTime is how long a deletion can be taken back.
const UndoTime = 60 * time.Second

// ErrTooLate says that the time to take a deletion back is over.
var ErrTooLate = errors.New("registry: too late to undo")

// A Deletion is what was deleted, and until when it can be taken back.
type Deletion struct {
	Name  string // the owner's or the pet's
	Pets  int    // deleted along with their owner
	Owner int64  // of the pet; the owner's own id
	Until time.Time
}

// DeleteOwner deletes an owner seen in a version, with all pets, and returns what went. It is for those who may delete.
// When the card has changed since, it deletes nothing and returns an *OwnerChanged. The same member's second attempt
// returns what the first one did.
func (r *Registry) DeleteOwner(ctx context.Context, by staff.Member, ownerID int64, version int) (Deletion, error) {
	if !by.May(staff.RightDeleteFromRegistry) {
		return Deletion{}, staff.ErrNotAllowed
	}
	now := r.now()
	var row db.OwnerDeleteRow
	err := by.Scope(r.db).InTx(ctx, func(tx db.Tx) (err error) {
		if err := r.query.OwnerLock(ctx, tx, by.ClinicID, ownerID); err != nil {
			return err
		}
		row, err = r.query.OwnerDelete(ctx, tx, db.OwnerDeleteParams{
			ClinicID: by.ClinicID, OwnerID: ownerID, Version: int32(version), StaffID: by.StaffID, Now: now,
		})
		return err
	})
	if err != nil {
		return Deletion{}, unlessFound("delete an owner", err)
	}
	done := Deletion{Name: row.FullName, Pets: int(row.Pets), Owner: ownerID, Until: now.Add(UndoTime)}
	switch {
	case row.Gone:
		return done, nil
	case row.DeletedAt != nil:
		return again(by, done, *row.DeletedAt, value(row.DeletedBy), int(row.Version) == version+1)
	}
	owner, err := r.card(ctx, by, db.OwnerCardParams{OwnerID: &ownerID})
	if err != nil {
		return Deletion{}, err
	}
	return Deletion{}, r.ownerChanged(ctx, by, owner, version)
}

// again is the deletion that the same press has made before; another's is not there to be deleted.
func again(by staff.Member, done Deletion, deletedAt time.Time, deletedBy int64, sameVersion bool) (Deletion, error) {
	if deletedBy != by.StaffID || !sameVersion {
		return Deletion{}, ErrNotFound
	}
	done.Until = deletedAt.Add(UndoTime).UTC()
	return done, nil
}

// RestoreOwner takes the deletion of an owner back, with the pets that were deleted along, and returns the card. After
// [UndoTime] it returns ErrTooLate; of an owner who is not deleted, just the card.
func (r *Registry) RestoreOwner(ctx context.Context, by staff.Member, ownerID int64) (Owner, error) {
	if !by.May(staff.RightDeleteFromRegistry) {
		return Owner{}, staff.ErrNotAllowed
	}
	now := r.now()
	live, err := r.query.OwnerRestore(ctx, by.Scope(r.db), db.OwnerRestoreParams{
		ClinicID: by.ClinicID, OwnerID: ownerID, StaffID: by.StaffID, Now: now, Since: now.Add(-UndoTime),
	})
	switch {
	case err != nil:
		return Owner{}, unlessFound("restore an owner", err)
	case !live:
		return Owner{}, ErrTooLate
	}
	return r.card(ctx, by, db.OwnerCardParams{OwnerID: &ownerID})
}

// DeletePet deletes a pet, as [Registry.DeleteOwner] does an owner; the conflict is a *PetChanged.
func (r *Registry) DeletePet(ctx context.Context, by staff.Member, petID int64, version int) (Deletion, error) {
	if !by.May(staff.RightDeleteFromRegistry) {
		return Deletion{}, staff.ErrNotAllowed
	}
	now := r.now()
	row, err := r.query.PetDelete(ctx, by.Scope(r.db), db.PetDeleteParams{
		ClinicID: by.ClinicID, PetID: petID, Version: int32(version), StaffID: by.StaffID, Now: now,
	})
	if err != nil {
		return Deletion{}, unlessFound("delete a pet", err)
	}
	done := Deletion{Name: row.Name, Owner: row.OwnerID, Until: now.Add(UndoTime)}
	switch {
	case row.Gone:
		return done, nil
	case row.DeletedAt != nil:
		return again(by, done, *row.DeletedAt, value(row.DeletedBy), int(row.Version) == version+1)
	}
	pet, err := r.PetCard(ctx, by, petID)
	if err != nil {
		return Deletion{}, err
	}
	return Deletion{}, r.petChanged(ctx, by, pet, version)
}

// RestorePet takes the deletion of a pet back, as [Registry.RestoreOwner] does an owner's.
func (r *Registry) RestorePet(ctx context.Context, by staff.Member, petID int64) (PetCard, error) {
	if !by.May(staff.RightDeleteFromRegistry) {
		return PetCard{}, staff.ErrNotAllowed
	}
	now := r.now()
	live, err := r.query.PetRestore(ctx, by.Scope(r.db), db.PetRestoreParams{
		ClinicID: by.ClinicID, PetID: petID, StaffID: by.StaffID, Now: now, Since: now.Add(-UndoTime),
	})
	switch {
	case err != nil:
		return PetCard{}, unlessFound("restore a pet", err)
	case !live:
		return PetCard{}, ErrTooLate
	}
	return r.PetCard(ctx, by, petID)
}
