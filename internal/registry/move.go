package registry

import (
	"context"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// deadlocksMost is how often a move and a merge that crossed each other are tried again.
const deadlocksMost = 3

// MovePet gives a pet, seen in a version, to another owner of the clinic, and returns its card. It is told on both
// owners' cards. When the pet has changed since, it stays and a *PetChanged is returned; a pet that is there already
// is no conflict.
func (r *Registry) MovePet(ctx context.Context, by staff.Member, petID int64, version int, toOwnerID int64) (PetCard, error) {
	if !by.May(staff.RightWriteRegistry) {
		return PetCard{}, staff.ErrNotAllowed
	}
	move := db.PetMoveParams{
		ClinicID: by.ClinicID, PetID: petID, OwnerID: toOwnerID, Version: int32(version), StaffID: by.StaffID, Now: r.now(),
	}
	row, err := r.query.PetMove(ctx, by.Scope(r.db), move)
	for again := 0; db.Deadlocked(err) && again < deadlocksMost; again++ {
		// A merge of the two owners locks the same rows, the owners before their pets.
		row, err = r.query.PetMove(ctx, by.Scope(r.db), move)
	}
	if err != nil {
		return PetCard{}, unlessFound("move a pet", err)
	}
	if !row.Received {
		return PetCard{}, ErrNotFound
	}
	pet, err := r.PetCard(ctx, by, petID)
	if err != nil || row.Moved || row.There {
		return pet, err
	}
	return PetCard{}, r.petChanged(ctx, by, pet, version)
}
