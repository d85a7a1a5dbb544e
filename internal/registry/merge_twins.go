package registry

import (
	"context"
	"fmt"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// maxTwins is how many owners are offered as one to choose from.
const maxTwins = 8

// LikelyTwins returns who may be an owner once more: of the same phone or the same whole name, the latest first.
func (r *Registry) LikelyTwins(ctx context.Context, by staff.Member, ownerID int64) ([]Known, error) {
	return r.twins(ctx, by, db.MergeTwinsParams{KnownID: &ownerID, ExceptID: ownerID})
}

// Twins returns owners by their ids, but for one; those that are not there any more are left out.
func (r *Registry) Twins(ctx context.Context, by staff.Member, ids []int64, but int64) ([]Known, error) {
	return r.twins(ctx, by, db.MergeTwinsParams{OwnerIds: ids, ExceptID: but})
}

func (r *Registry) twins(ctx context.Context, by staff.Member, which db.MergeTwinsParams) ([]Known, error) {
	if !by.May(staff.RightReadRegistry) {
		return nil, staff.ErrNotAllowed
	}
	which.ClinicID, which.AtMost = by.ClinicID, maxTwins
	rows, err := r.query.MergeTwins(ctx, by.Scope(r.db), which)
	if err != nil {
		return nil, fmt.Errorf("find twins of an owner: %w", err)
	}
	known := make([]Known, len(rows))
	for i, row := range rows {
		known[i] = Known{
			ID: row.OwnerID, Code: row.Code, Name: row.FullName, Phone: row.Phone, SecondPhone: value(row.SecondPhone), Pets: row.Pets,
		}
	}
	return known, nil
}
