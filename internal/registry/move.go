package registry

import (
	"context"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// MovePet gives a pet, seen in a version, to another owner of the clinic, and returns its card. It is told on both
// owners' cards. When the pet has changed since, it stays and a *PetChanged is returned; a pet that is there already
// is no conflict.
func (r *Registry) MovePet(ctx context.Context, by staff.Member, petID int64, version int, toOwnerID int64) (PetCard, error) {
	if !by.May(staff.RightWriteRegistry) {
		return PetCard{}, staff.ErrNotAllowed
	}
	row, err := r.query.PetMove(ctx, by.Scope(r.db), db.PetMoveParams{
		ClinicID: by.ClinicID, PetID: petID, OwnerID: toOwnerID, Version: int32(version), StaffID: by.StaffID, Now: r.now(),
	})
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
